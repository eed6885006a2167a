"""Two hops over a real SQLite database: the second query uses the result of the first.

The output shows the keys that answer a typed question, and the accuracy on 1,000 held-out problems.

    python examples/08_two_hops.py
    inwit train examples/08_two_hops.py
"""

import random
import sqlite3

import inwit

PEOPLE, CITIES, COUNTRIES = 500, 60, 12
source, base = random.Random(0), sqlite3.connect(":memory:")
base.execute("create table facts (subject text, relation text, object text)")
homes = [(f"person{n}", "home", f"city{source.randrange(CITIES)}") for n in range(PEOPLE)]
lands = [(f"city{n}", "country", f"country{source.randrange(COUNTRIES)}") for n in range(CITIES)]
base.executemany("insert into facts values (?, ?, ?)", homes + lands)


@inwit.tool
def query(subject: str, relation: str) -> str:
    """What the database says of a subject."""
    asked = "select object from facts where subject = ? and relation = ?"
    return base.execute(asked, (subject, relation)).fetchone()[0]


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


if __name__ == "__main__":
    agent = inwit.train(two_hops, updates=150)
    episode = agent.solve("in which country does person7 live")
    score = agent.evaluate(1000)[0].agent
    print(f"{episode.problem}: {episode.keys} = {episode.answer}; {score.accuracy:.1%} right")
    assert episode.answer == query(query("person7", "home"), "country")
    assert score.accuracy >= 0.99
