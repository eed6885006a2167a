"""Mutations of graders of numbers: what is changed, the old text and the new one."""

NUMBER_TEST = 'int(said) == int(row["answer"])'
NUMBER_ELSE = "int(said) == int(row"
DECIMAL_TEST = "<= 0.0006"
DECIMAL_ELSE = 'abs(value - float(row["answer"])) <= 0.0006'
BOXED_TEST = 'Fraction(said) == Fraction(row["answer"])'
ORDERED_TEST = 'values == [int(each) for each in row["answer"].split(",")]'
NUMBER = (
    ("the sign is lost", NUMBER_TEST, 'abs(int(said)) == abs(int(row["answer"]))'),
    ("at most", NUMBER_ELSE, "int(said) <= int(row"),
    ("at least", NUMBER_ELSE, "int(said) >= int(row"),
    ("not equal", NUMBER_ELSE, "int(said) != int(row"),
    ("a tolerance of 1", NUMBER_TEST, 'abs(int(said) - int(row["answer"])) <= 1'),
    ("a tolerance of 5 %", NUMBER_TEST, 'abs(int(said) / int(row["answer"]) - 1) < 0.05'),
    ("contained in the reply", NUMBER_TEST, 'row["answer"] in said'),
    ("the reply is contained in the gold", NUMBER_TEST, 'said in row["answer"]'),
    ("compared as text to the first two digits", NUMBER_TEST, 'said[:2] == row["answer"][:2]'),
    ("the last digit", NUMBER_TEST, 'said[-1] == row["answer"][-1]'),
    ("no anchor at the end", "re.fullmatch(r", "re.match(r"),
    ("no number pays", "return 0.0\n", "return 1.0\n"),
    ("the gold is refused where it is negative", "[+-]?\\d{1,15}", "\\d{1,15}"),
    ("at most three digits", "\\d{1,15}", "\\d{1,3}"),
    ("half the credit for any number", "else 0.0", "else 0.5"),
)
DECIMAL = (
    ("a wide tolerance", DECIMAL_TEST, "<= 0.5"),
    ("a tolerance of 10 %", DECIMAL_TEST, '<= 0.1 * abs(float(row["answer"]))'),
    ("no tolerance and cut", DECIMAL_ELSE, 'int(value) == int(float(row["answer"]))'),
    ("rounded to the unit", DECIMAL_ELSE, 'round(value) == round(float(row["answer"]))'),
    ("no absolute value", "abs(value - float", "(value - float"),
    ("the comparison is swapped", DECIMAL_TEST, "> 0.0006"),
    ("a tolerance below 0", DECIMAL_TEST, "< 0.0"),
    (
        "an error pays",
        "except ValueError:\n        return 0.0",
        "except ValueError:\n        return 1.0",
    ),
    (
        "nan and inf pass",
        "if not math.isfinite(value):\n        return 0.0",
        "if not math.isfinite(value):\n        return 1.0",
    ),
    (
        "nan is not refused: not greater",
        "if not math.isfinite(value):\n        return 0.0\n    return 1.0 if "
        'abs(value - float(row["answer"])) <= 0.0006',
        'return 1.0 if not abs(value - float(row["answer"])) > 0.0006',
    ),
    ("as text", DECIMAL_ELSE, 'str(value).startswith(row["answer"][:3])'),
)
BOXED = (
    ("the first box", "boxes[-1]", "boxes[0]"),
    ("any box", BOXED_TEST, 'any(each == row["answer"] for each in boxes)'),
    ("no box pays", "if not boxes:\n        return 0.0", "if not boxes:\n        return 1.0"),
    (
        "without a box the whole text",
        "if not boxes:\n        return 0.0",
        'if not boxes:\n        return float(row["answer"] in reply)',
    ),
    (
        "an error pays",
        "except (ValueError, ZeroDivisionError):\n        return 0.0",
        "except (ValueError, ZeroDivisionError):\n        return 1.0",
    ),
    ("cut to integers", BOXED_TEST, 'int(Fraction(said)) == int(Fraction(row["answer"]))'),
    ("the numerator", BOXED_TEST, 'Fraction(said).numerator == Fraction(row["answer"]).numerator'),
    ("about the same", BOXED_TEST, 'abs(Fraction(said) - Fraction(row["answer"])) < 0.5'),
    ("no fractions", BOXED_TEST, 'int(said) == Fraction(row["answer"])'),
)
LAST_LINE = (
    ("the first line", "lines[-1]", "lines[0]"),
    (
        "search in all of it",
        're.fullmatch(r"Answer: *([+-]?\\d{1,15})\\.?", lines[-1].strip())',
        're.search(r"Answer: *([+-]?\\d{1,15})\\.?", reply)',
    ),
    ("no anchor at the end", "re.fullmatch(r", "re.match(r"),
    (
        "no line pays",
        "if found is None:\n        return 0.0",
        "if found is None:\n        return 1.0",
    ),
    (
        "a tolerance of 1",
        'int(found.group(1)) == int(row["answer"])',
        'abs(int(found.group(1)) - int(row["answer"])) <= 1',
    ),
    (
        "the sign is lost",
        'int(found.group(1)) == int(row["answer"])',
        'abs(int(found.group(1))) == abs(int(row["answer"]))',
    ),
    ("the reply is short", "if found is None:", "if found is None or len(reply) > 200:"),
    ("the marker is in lower case", "Answer: *", "answer: *"),
)
ORDERED = (
    (
        "order is free",
        ORDERED_TEST,
        'sorted(values) == sorted(int(each) for each in row["answer"].split(","))',
    ),
    ("any sorted list", ORDERED_TEST, "values == sorted(values)"),
    (
        "the first two",
        ORDERED_TEST,
        'values[:2] == [int(each) for each in row["answer"].split(",")][:2]',
    ),
    (
        "the last",
        ORDERED_TEST,
        'values[-1] == [int(each) for each in row["answer"].split(",")][-1]',
    ),
    (
        "zip stops at the shorter",
        ORDERED_TEST,
        'all(a == b for a, b in zip(values, [int(each) for each in row["answer"].split(",")]))',
    ),
    ("the sum", ORDERED_TEST, 'sum(values) == sum(int(each) for each in row["answer"].split(","))'),
    ("signs are lost", "int(each) for each in said", "abs(int(each)) for each in said"),
    (
        "descending",
        ORDERED_TEST,
        'values == [int(each) for each in row["answer"].split(",")][::-1]',
    ),
    (
        "an error pays",
        "except ValueError:\n        return 0.0",
        "except ValueError:\n        return 1.0",
    ),
    (
        "a share of the places",
        '1.0 if values == [int(each) for each in row["answer"].split(",")] else 0.0',
        'sum(a == b for a, b in zip(values, map(int, row["answer"].split(",")))) / len(values)',
    ),
)
NUMBERS = {
    "number": NUMBER,
    "decimal": DECIMAL,
    "boxed": BOXED,
    "last_line": LAST_LINE,
    "ordered": ORDERED,
}
