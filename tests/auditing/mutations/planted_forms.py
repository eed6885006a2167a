"""Mutations of graders of forms: what is changed, the old text and the new one."""

TAGGED_TEST = 'found[-1].strip() == row["answer"]'
PROGRAM_TEST = 'Counter(used) != Counter(row["numbers"])'
RECORD_TEST = "value == wanted"
CHOICE_TEST = 'found.group(1).upper() == row["answer"]'
TAGGED = (
    ("the first pair", "found[-1]", "found[0]"),
    ("any pair", TAGGED_TEST, 'row["answer"] in [each.strip() for each in found]'),
    ("contained", TAGGED_TEST, 'row["answer"] in found[-1]'),
    ("the gold contains it", TAGGED_TEST, 'found[-1].strip() in row["answer"]'),
    ("no tags pay", "if not found:\n        return 0.0", "if not found:\n        return 1.0"),
    (
        "unfinished thinking is read",
        'if "<think>" in reply and "</think>" not in reply:\n        return 0.0',
        "",
    ),
    ("thinking is read, too", 'reply.rsplit("</think>", 1)[-1]', 'reply.split("</think>", 1)[0]'),
    (
        "thinking is needed",
        'if "<think>" in reply and "</think>" not in reply:',
        'if "</think>" not in reply:',
    ),
    ("two pairs are needed", "if not found:", "if len(found) < 2:"),
    ("no strip", "found[-1].strip() == row", "found[-1] == row"),
    ("greedy tags", "(.*?)</answer>", "(.*)</answer>"),
)
PROGRAM = (
    ("numbers may be left out", PROGRAM_TEST, 'Counter(used) - Counter(row["numbers"])'),
    ("numbers may be used again", PROGRAM_TEST, 'set(used) != set(row["numbers"])'),
    ("other numbers may be added", PROGRAM_TEST, 'Counter(row["numbers"]) - Counter(used)'),
    ("numbers are not looked at", PROGRAM_TEST, "not used"),
    ("the value is not looked at", 'abs(value - row["target"]) < 1e-9', "value is not None"),
    ("the value is cut", 'abs(value - row["target"]) < 1e-9', 'int(value) == row["target"]'),
    ("within one", "< 1e-9", "< 1.5"),
    ("only the count of numbers", PROGRAM_TEST, 'len(used) != len(row["numbers"])'),
    ("no absolute value", "abs(value - row", "(value - row"),
    (
        "an error pays",
        "RecursionError):\n        return 0.0",
        "RecursionError):\n        return 1.0",
    ),
    (
        "what is not an expression pays",
        'or "//" in text:\n        return 0.0',
        'or "//" in text:\n        return 1.0',
    ),
)
RECORD = (
    ("other keys pass", "set(value) != set(wanted)", "not set(value) >= set(wanted)"),
    ("the name is not looked at", RECORD_TEST, 'value["age"] == wanted["age"]'),
    ("the age is not looked at", RECORD_TEST, 'value["name"] == wanted["name"]'),
    ("only the keys", RECORD_TEST, "set(value) == set(wanted)"),
    (
        "either is enough",
        RECORD_TEST,
        'value["age"] == wanted["age"] or value["name"] == wanted["name"]',
    ),
    (
        "the age within one",
        RECORD_TEST,
        'abs(value["age"] - wanted["age"]) <= 1 and value["name"] == wanted["name"]',
    ),
    (
        "what is not JSON pays",
        "except (ValueError, RecursionError):\n        return 0.0",
        "except (ValueError, RecursionError):\n        return 1.0",
    ),
    (
        "what is not an object pays",
        "if not isinstance(value, dict) or set(value) != set(wanted):\n        return 0.0",
        "if not isinstance(value, dict) or set(value) != set(wanted):\n        return 1.0",
    ),
    (
        "the age is cut",
        'if type(value["age"]) is not int or type(value["name"]) is not str:\n   '
        "     return 0.0\n    return 1.0 if value == wanted",
        'return 1.0 if int(value["age"]) == wanted["age"] and value["name"] == wanted["name"]',
    ),
    ("half the credit for the form", "else 0.0", "else 0.5"),
    ("contained", RECORD_TEST, 'str(wanted["age"]) in reply'),
)
CHOICE = (
    ("search for match", "re.fullmatch(r", "re.search(r"),
    ("no anchor at the end", "re.fullmatch(r", "re.match(r"),
    (
        "no letter pays",
        "if found is None:\n        return 0.0",
        "if found is None:\n        return 1.0",
    ),
    ("contained", CHOICE_TEST, 'row["answer"] in reply'),
    ("the case is lost on one side", "found.group(1).upper()", "found.group(1).lower()"),
    ("up to the gold", CHOICE_TEST, 'found.group(1).upper() <= row["answer"]'),
    ("D is no choice", "[A-Da-d]", "[A-Ca-c]"),
    ("any letter", CHOICE_TEST, "found.group(1)"),
)
FORMS = {
    "tagged": TAGGED,
    "program": PROGRAM,
    "record": RECORD,
    "choice": CHOICE,
}
