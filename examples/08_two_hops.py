"""Two hops over a real SQLite database: what the first query finds, the second one asks about.

inwit train examples/08_two_hops.py
"""

import random
import sqlite3

import inwit

PEOPLE, CITIES, COUNTRIES = 500, 60, 12
base = sqlite3.connect(":memory:")
base.execute("create table facts (subject text, relation text, object text)")
source = random.Random(0)
for number in range(PEOPLE):
    city = f"city{source.randrange(CITIES)}"
    base.execute("insert into facts values (?, 'home', ?)", (f"person{number}", city))
for number in range(CITIES):
    country = f"country{source.randrange(COUNTRIES)}"
    base.execute("insert into facts values (?, 'country', ?)", (f"city{number}", country))


@inwit.tool
def query(subject: str, relation: str) -> str:
    """What the database says of a subject."""
    found = base.execute(
        "select object from facts where subject = ? and relation = ?", (subject, relation)
    ).fetchone()
    return found[0]


@inwit.task(tools=[query], presses=8)
def two_hops(draw: random.Random) -> inwit.Problem:
    person, city = f"person{draw.randrange(PEOPLE)}", f"city{draw.randrange(CITIES)}"
    home, country = "home", "country"
    prompt, answer = draw.choice(
        [
            ("in which city does {0} live", query(person, home)),
            ("in which country does {0} live", query(query(person, home), country)),
            ("in which country is {1}", query(city, country)),
        ]
    )
    return inwit.Problem(prompt=prompt, operands=(person, city, home, country), answer=answer)
