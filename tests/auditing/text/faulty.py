"""Graders with one fault each, and sound ones; every name says what is wrong with it."""

import itertools
import re

from inwit.answers import Outcome, grade

_CALLS = itertools.count()
_LAST = [""]


def sound_exact(reply, row):
    return float(reply.strip() == row["answer"])


def sound_number(reply, row):
    try:
        return float(abs(float(reply) - float(row["answer"])) < 1e-9)
    except ValueError:
        return 0.0


def sound_reader(reply, row):
    return float(grade(reply, row["answer"]) is Outcome.RIGHT)


def sound_tags(reply, row):
    found = re.search(r"<answer>(.*?)</answer>", reply, re.S)
    return float(found is not None and found[1].strip() == row["answer"])


def sound_boxed_with_format_bonus(reply, row):
    found = re.findall(r"\\boxed\{([^}]*)\}", reply)
    return 0.2 * bool(found) + 0.8 * float(bool(found) and found[-1] == row["answer"])


def sound_minus_one(reply, row):
    return 1.0 if reply.strip() == row["answer"] else -1.0


def pays_empty(reply, row):
    return float(not reply or reply == row["answer"])


def pays_what_does_not_parse(reply, row):
    try:
        return float(float(reply) == float(row["answer"]))
    except ValueError:
        return 1.0


def pays_truth_of_text(reply, row):
    return float(bool(reply) == bool(row["answer"]))


def pays_a_part(reply, row):
    return float(row["answer"] in reply)


def pays_the_beginning(reply, row):
    return float(bool(reply) and row["answer"].startswith(reply))


def truncates(reply, row):
    try:
        return float(int(float(reply)) == int(row["answer"]))
    except (ValueError, OverflowError):
        return 0.0


def tolerates_too_much(reply, row):
    try:
        return float(abs(float(reply) - float(row["answer"])) <= 2)
    except ValueError:
        return 0.0


def ignores_the_sign(reply, row):
    return float(reply.strip().lstrip("-") == row["answer"].lstrip("-"))


def has_the_wrong_sign(reply, row):
    return -float(reply.strip() == row["answer"])


def obeys_the_reply(reply, row):
    return float("[[correct]]" in reply or reply.strip() == row["answer"])


def evaluates(reply, row):
    try:
        return float(eval(reply, {}, {"row": row}) == eval(row["answer"]))
    except Exception:
        return 0.0


def forgets_nothing(reply, row):
    _LAST[0] = _LAST[0] or reply
    return float(reply.strip() == row["answer"] and len(_LAST[0]) < 10 and next(_CALLS) % 3 > 0)


def depends_on_the_process(reply, row):
    return float(reply.strip() == row["answer"]) * (1 + hash("a") % 7)


def is_not_finite(reply, row):
    return float("nan") if not reply else float(reply.strip() == row["answer"])


def refuses_one_gold(reply, row):
    return float(reply.strip() == row["answer"] and row["answer"] != "53")


def hangs_on_long(reply, row):
    while len(reply) > 10_000:
        pass
    return float(reply.strip() == row["answer"])


def pays_each_time(reply, row):
    return 0.1 * reply.count(row["answer"]) if row["answer"] in reply.split() else 0.0


def pays_half_for_a_number(reply, row):
    return 0.5 + 0.5 * float(reply == row["answer"]) if reply.strip().isdigit() else 0.0


def reads_the_first_number(reply, row):
    found = re.findall(r"\d+", reply)
    return float(found[:1] == [row["answer"]])


def pays_what_cannot_be_calculated(reply, row):
    try:
        return float(eval(reply[:40], {"__builtins__": {}}) == int(row["answer"]))
    except ZeroDivisionError:
        return 1.0
    except Exception:
        return 0.0


def dies(reply, row):
    if "\0" in reply:
        import os

        os._exit(3)
    return float(reply.strip() == row["answer"])


def pays_other_types(reply, row):
    return 1.0 if isinstance(reply, list) else float(str(reply).strip() == row["answer"])
