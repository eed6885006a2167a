"""Mutations of graders of texts: what is changed, the old text and the new one."""

NAME_TEST = 'said.casefold() == row["answer"].casefold()'
ITEMS_TEST = "set(said) == set(wanted)"
NAME = (
    ("contained in the reply", NAME_TEST, 'row["answer"].casefold() in said.casefold()'),
    (
        "the reply is contained in the gold",
        NAME_TEST,
        'said.casefold() in row["answer"].casefold()',
    ),
    ("starts alike", NAME_TEST, 'row["answer"].casefold().startswith(said.casefold())'),
    ("empty pays", "if not said:\n        return 0.0", "if not said:\n        return 1.0"),
    ("the first letter", NAME_TEST, 'said[0].casefold() == row["answer"][0].casefold()'),
    ("as long", NAME_TEST, 'len(said) == len(row["answer"])'),
    ("the gold keeps its case", 'row["answer"].casefold()', 'row["answer"]'),
    (
        "the first word",
        NAME_TEST,
        'said.split()[0].casefold() == row["answer"].split()[0].casefold()',
    ),
    (
        "the letters in any order",
        NAME_TEST,
        'set(said.casefold()) == set(row["answer"].casefold())',
    ),
    (
        "one letter may be wrong",
        NAME_TEST,
        'sum(a != b for a, b in zip(said.casefold(), row["answer"].casefold())) <= 1',
    ),
)
ITEMS = (
    ("some are enough", ITEMS_TEST, "set(said) <= set(wanted)"),
    ("more are no harm", ITEMS_TEST, "set(said) >= set(wanted)"),
    ("one is enough", ITEMS_TEST, "set(said) & set(wanted)"),
    ("only the count", ITEMS_TEST, "len(said) == len(wanted)"),
    ("doubles pass", "if len(said) != len(set(said)):\n        return 0.0", ""),
    ("order matters", ITEMS_TEST, "said == wanted"),
    (
        "no strip of the items",
        "[each.strip().lower() for each in reply",
        "[each.lower() for each in reply",
    ),
    ("split at spaces", '.split(",")]\n    wanted', ".split()]\n    wanted"),
    ("the text contains them", ITEMS_TEST, "all(each in reply.lower() for each in wanted)"),
    (
        "credit for a share",
        "1.0 if set(said) == set(wanted) else 0.0",
        "len(set(said) & set(wanted)) / len(wanted)",
    ),
)
BITS = (
    (
        "a share of the places",
        "1.0 if all(a == b for a, b in zip(said, wanted, strict=True)) else 0.0",
        "sum(a == b for a, b in zip(said, wanted, strict=True)) / len(wanted)",
    ),
    ("any place", "if all(a == b", "if any(a == b"),
    ("only the length", "if all(a == b for a, b in zip(said, wanted, strict=True))", "if said"),
    (
        "shorter ones pass",
        'if len(said) != len(wanted) or set(said) - {"0", "1"}:\n        return '
        "0.0\n    return 1.0 if all(a == b for a, b in zip(said, wanted, "
        "strict=True))",
        "return 1.0 if wanted.startswith(said)",
    ),
    (
        "as many ones",
        "all(a == b for a, b in zip(said, wanted, strict=True))",
        'said.count("1") == wanted.count("1")',
    ),
    (
        "but for the last place",
        "zip(said, wanted, strict=True)",
        "zip(said[:-1], wanted[:-1], strict=True)",
    ),
    ("flipped", "a == b for", "a != b for"),
    (
        "another length pays",
        'set(said) - {"0", "1"}:\n        return 0.0',
        'set(said) - {"0", "1"}:\n        return 1.0',
    ),
    (
        "evaluated",
        "all(a == b for a, b in zip(said, wanted, strict=True))",
        "int(said, 2) >= int(wanted, 2)",
    ),
)
TEXTS = {
    "name": NAME,
    "items": ITEMS,
    "bits": BITS,
}
