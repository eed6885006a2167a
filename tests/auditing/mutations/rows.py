"""The rows of the sound graders."""

import json
import random

COUNT = 40
CAPITALS = {
    "Austria": "Vienna",
    "Chile": "Santiago",
    "Denmark": "Copenhagen",
    "Egypt": "Cairo",
    "Finland": "Helsinki",
    "Ghana": "Accra",
    "Hungary": "Budapest",
    "India": "New Delhi",
    "Japan": "Tokyo",
    "Kenya": "Nairobi",
    "Latvia": "Riga",
    "Morocco": "Rabat",
    "Norway": "Oslo",
    "Oman": "Muscat",
    "Peru": "Lima",
    "Qatar": "Doha",
    "Romania": "Bucharest",
    "Spain": "Madrid",
    "Tunisia": "Tunis",
    "Uruguay": "Montevideo",
}
FRUITS = ("apple", "pear", "plum", "fig", "grape", "melon", "lemon", "cherry", "peach", "quince")
VEGETABLES = ("leek", "carrot", "onion", "radish", "spinach", "turnip")
PEOPLE = ("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana", "Ivo", "June")
CLOSINGS = {
    "number": "Answer with a number only.",
    "boxed": "Put the final answer in \\boxed{}.",
    "tagged": "Write the answer as <answer>number</answer>.",
    "last_line": "End with a line 'Answer: number'.",
}


def rows_of(grader):
    """The rows of a grader."""
    draw = random.Random(grader)
    return [MAKERS[grader](draw, place, grader) for place in range(COUNT)]


def product(draw, place, grader):
    a, b, c = draw.randint(3, 99), draw.randint(3, 99), draw.randint(3, 999)
    return {"question": f"What is {a} * {b} - {c}? {CLOSINGS[grader]}", "answer": str(a * b - c)}


def ratio(draw, place, grader):
    a, b = draw.randint(1, 400), draw.choice((3, 7, 9, 11, 13, 17))
    return {
        "question": f"What is {a} / {b}? Answer with a decimal number, rounded to three places.",
        "answer": f"{a / b:.3f}",
    }


def fraction(draw, place, grader):
    a, b, c = draw.randint(1, 40), draw.choice((3, 7, 11, 13)), draw.choice((2, 5, 17, 19))
    top, bottom = a * c + b, b * c
    return {"question": f"What is {a}/{b} + 1/{c}? {CLOSINGS[grader]}", "answer": f"{top}/{bottom}"}


def capital(draw, place, grader):
    country = list(CAPITALS)[place % len(CAPITALS)]
    asked = ("What is the capital of {}?", "Name the capital city of {}.")[place // len(CAPITALS)]
    return {
        "question": f"{asked.format(country)} Answer with the name.",
        "answer": CAPITALS[country],
    }


def sorted_out(draw, place, grader):
    fruits, others = draw.sample(FRUITS, draw.randint(2, 4)), draw.sample(VEGETABLES, 3)
    shown = fruits + others
    draw.shuffle(shown)
    return {
        "question": f"Which of these are fruits: {', '.join(shown)}? "
        "Answer with the fruits, separated by commas, in any order.",
        "answer": ", ".join(fruits),
    }


def in_order(draw, place, grader):
    numbers = draw.sample(range(-60, 200), draw.randint(4, 6))
    return {
        "question": f"Sort in ascending order: {', '.join(map(str, numbers))}. "
        "Answer with the numbers, separated by commas.",
        "answer": ", ".join(map(str, sorted(numbers))),
    }


def lettered(draw, place, grader):
    a, b = draw.randint(11, 89), draw.randint(3, 9)
    right = draw.randrange(4)
    offered = [a * b + shift for shift in draw.sample((-20, -10, -9, -2, 3, 8, 10, 21), 4)]
    offered[right] = a * b
    listed = " ".join(f"({'ABCD'[n]}) {each}" for n, each in enumerate(offered))
    return {
        "question": f"What is {a} * {b}? {listed} Answer with one letter.",
        "answer": "ABCD"[right],
    }


def person(draw, place, grader):
    said, born, now = draw.choice(PEOPLE), draw.randint(1950, 2010), draw.randint(2015, 2030)
    return {
        "question": f"{said} was born in {born}. It is the end of {now}. Answer with a JSON object "
        'with the keys "name" and "age".',
        "answer": json.dumps({"name": said, "age": now - born}),
    }


def target(draw, place, grader):
    numbers = draw.sample(range(2, 40), 4)
    a, b, c, d = numbers
    reached, gold = (
        (a * b - c + d, f"{a} * {b} - {c} + {d}"),
        ((a + b) * c - d, f"({a} + {b}) * {c} - {d}"),
    )[place % 2]
    draw.shuffle(numbers)
    return {
        "question": f"Reach {reached} with the numbers {', '.join(map(str, numbers))}: use each "
        "exactly once, with + - * / and parentheses. Answer with the expression only.",
        "answer": gold,
        "numbers": numbers,
        "target": reached,
    }


def flipped(draw, place, grader):
    text = "".join(draw.choice("01") for _ in range(draw.randint(6, 10)))
    answer = text.translate(str.maketrans("01", "10"))
    return {"question": f"Flip every bit of {text}. Answer with the bits.", "answer": answer}


MAKERS = {
    "number": product,
    "decimal": ratio,
    "name": capital,
    "items": sorted_out,
    "ordered": in_order,
    "choice": lettered,
    "boxed": fraction,
    "record": person,
    "tagged": product,
    "program": target,
    "last_line": product,
    "bits": flipped,
}
