"""1,000 replies to the rows of a grader, on which a mutation must change some verdict."""

import json
import random
from fractions import Fraction

COUNT = 1000


def wrapped(text):
    """Ways to write an answer down."""
    return [
        text,
        f" {text}\n",
        f"{text}.",
        text.upper(),
        text.lower(),
        f"\\boxed{{{text}}}",
        f"<answer>{text}</answer>",
        f"<answer> {text}\n</answer>",
        f"<think>So it is {text}.</think>{text}",
        f"<think>Hm.</think><answer>{text}</answer>",
        f"<think>Hm. <answer>{text}</answer>",
        f"Let me see.\nAnswer: {text}",
        f"The answer is {text}",
        f"Answer: {text}\nThat is all.",
        f"({text})",
        f"[{text}]",
        f"```json\n{text}\n```",
        f"+{text}",
        text.replace(" ", ""),
        f"'{text}'",
    ]


def others(text, draw):
    """What is near a text and says something else, mostly."""
    place = draw.randrange(len(text))
    parts = text.split(",")
    shuffled, doubled = parts[:], [*parts, draw.choice(parts)]
    draw.shuffle(shuffled)
    made = [
        text[:place] + draw.choice("0123456789ab") + text[place + 1 :],
        text[:place] + text[place + 1 :],
        f"{text}{draw.randrange(10)}",
        f"{draw.randrange(1, 10)}{text}",
        text[:-1],
        text[1:],
        text[::-1],
        text.lstrip("-"),
        f"-{text}",
        ",".join(shuffled),
        ",".join(doubled),
        ",".join(parts[:-1]),
        ",".join(sorted(parts)),
        f"{text} {text}",
    ]
    try:
        value = Fraction(text)
        made += [str(value + 1), str(value - 1), str(2 * value), str(int(value)), f"{float(value)}"]
        made += [f"{float(value) + shift:.4f}" for shift in (0.001, -0.004, 0.05, 0.3, 5)]
    except ValueError:
        pass
    return made


def specials(row, draw):
    """Replies of one kind of row: expressions and records."""
    made = ["", " ", "banana", "0", "1", "A", "B or C", "{}", "[]", "null", "nan", "inf", "1e3"]
    if "numbers" in row:
        target, used = row["target"], row["numbers"]
        made += [str(target), f"{target} + 0", f"{target} * 1", " + ".join(map(str, used))]
        made += [f"{row['answer']} + 0", f"{row['answer']} + 1 / 2", f"{used[0]} ** 2 // 1"]
        made += [row["answer"].replace("+", "-"), row["answer"].replace("*", "+"), "1 / 0", "(1"]
        made += [f"({row['answer']}) * 1", f"{target}.0", f"{row['answer']} - 0.2"]
    if row["answer"].startswith("{"):
        gold = json.loads(row["answer"])
        made += [json.dumps(gold | change) for change in records(gold)]
        made += [json.dumps(list(gold.values())), json.dumps({"name": gold["name"]}), '{"age": 3']
        made += [f"Sure: {row['answer']}", json.dumps([gold]), json.dumps({"age": gold["age"]})]
    return made


def records(gold):
    """Changes of a record."""
    return [
        {"age": gold["age"] + 1},
        {"age": gold["age"] + 0.4},
        {"age": float(gold["age"])},
        {"age": str(gold["age"])},
        {"name": gold["name"].lower()},
        {"name": "Zoe"},
        {"town": "Rome"},
        {"age": True},
    ]


def replies_to(rows, seed=0):
    """Pairs of the number of a row and a reply to it: right and wrong ones, in many dresses."""
    draw, made = random.Random(seed), []
    while len(made) < COUNT:
        place = draw.randrange(len(rows))
        row, other = rows[place], rows[draw.randrange(len(rows))]
        near = draw.choice(others(row["answer"], draw))
        pool = [
            row["answer"],
            draw.choice(wrapped(row["answer"])),
            near,
            draw.choice(wrapped(near)),
            draw.choice(wrapped(other["answer"])),
            draw.choice(specials(row, draw)),
            two(row["answer"], draw.choice((near, other["answer"])), draw),
        ]
        made.append((place, draw.choice(pool)))
    return made


def two(first, second, draw):
    """Two answers in one reply."""
    if draw.random() < 0.5:
        first, second = second, first
    return draw.choice(
        [
            f"{first} or {second}",
            f"\\boxed{{{first}}} \\boxed{{{second}}}",
            f"<answer>{first}</answer><answer>{second}</answer>",
            f"Answer: {first}\nAnswer: {second}",
            f"<think><answer>{first}</answer></think><answer>{second}</answer>",
            f"{first}\n{second}",
        ]
    )
