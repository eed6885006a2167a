"""A reader of prompts that presses no key: what it answers rightly, the prompt tells."""

from collections import Counter, defaultdict

from inwit.tools import decode, show


def told_by_the_prompt(task, known, asked):
    """How often the best reader of one or two neighbouring places is right, less the luck.

    One reader takes what is written there for the answer. Another has seen the known problems, and
    says what the answer mostly was where the same was written. Luck is the most frequent answer.
    """
    answers = asked.answer.tolist()
    usual = mostly(known.answer.tolist())
    places = min(known.symbols.shape[1], asked.symbols.shape[1])
    best = 0.0
    for first, last in ((first, first + wide) for wide in (1, 2) for first in range(places)):
        table = defaultdict(list)
        for look, answer in zip(looks(known, first, last), known.answer.tolist(), strict=True):
            table[look].append(answer)
        table = {look: mostly(seen) for look, seen in table.items()}
        found = looks(asked, first, last)
        told = [table.get(look) == answer for look, answer in zip(found, answers, strict=True)]
        read = ["".join(task.symbols[symbol] for symbol in look if symbol >= 0) for look in found]
        same = [text == show(decode(answer)) for text, answer in zip(read, answers, strict=True)]
        best = max(best, mean(told), mean(same))
    return best - mean([answer == usual for answer in answers])


def looks(problems, first, last):
    return list(map(tuple, problems.symbols[:, first:last].tolist()))


def mostly(values):
    return Counter(values).most_common(1)[0][0]


def mean(flags):
    return sum(flags) / len(flags)
