"""Who sits where in a company: one, two or three lookups in dicts."""

import random

import inwit

dice = random.Random(1)
PEOPLE, TEAMS = [f"employee{n}" for n in range(400)], [f"team{n}" for n in range(30)]
BOSS = {person: dice.choice(PEOPLE) for person in PEOPLE}
TEAM = {person: dice.choice(TEAMS) for person in PEOPLE}
FLOOR = {team: f"floor {dice.randrange(8)}" for team in TEAMS}


@inwit.tool
def look_up(key: str, table: str) -> str:
    return {"boss": BOSS, "team": TEAM, "floor": FLOOR}[table][key]


@inwit.task(tools=[look_up])
def lookups(draw: random.Random) -> inwit.Problem:
    person, level = draw.choice(PEOPLE), draw.randrange(3)
    boss, team = BOSS[person], TEAM[person]
    forms = [
        [("who is the {1} of {0}", boss), ("in which {2} is {0}", team)],
        [("in which {2} is the {1} of {0}", TEAM[boss]), ("on which {3} is {0}", FLOOR[team])],
        [("on which {3} is the {1} of {0}", FLOOR[TEAM[boss]])],
    ]
    prompt, answer = draw.choice(forms[level])
    operands = (person, "boss", "team", "floor")
    return inwit.Problem(prompt=prompt, operands=operands, answer=answer, level=level)
