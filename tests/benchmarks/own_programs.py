"""A right program for every form of `benchmarks/own`: what shows that its problems can be solved.

Where the next key depends on what is seen, it is a player: it maps the problem and the value on the
display to the next key.
"""

from collections import deque

PROGRAMS = {
    "lookups": {
        "who is the {1} of {0}": "0 LOOK_UP 1 ANS",
        "in which {2} is {0}": "0 LOOK_UP 2 ANS",
        "in which {2} is the {1} of {0}": "0 LOOK_UP 1 LOOK_UP 2 ANS",
        "on which {3} is {0}": "0 LOOK_UP 2 LOOK_UP 3 ANS",
        "on which {3} is the {1} of {0}": "0 LOOK_UP 1 LOOK_UP 2 LOOK_UP 3 ANS",
    },
    "joins": {
        "who is the {3}": "0 ORDER 1 PRODUCT 3 ANS",
        "where is the {3}": "0 ORDER 1 PRODUCT 3 CITY ANS",
        "{4} times {2}": "0 ORDER 1 PRODUCT 4 MUL STO 0 ORDER 2 RCL ANS",
    },
    "units": {
        "how many {2}": "0 METRES 1 IN_UNIT 2 ANS",
        "{0} {1} and {2} {3}": "0 METRES 1 ADD STO 2 METRES 3 RCL IN_UNIT 4 ANS",
    },
    "money": {
        "{0} {1} in {2}": "0 EXCHANGE 1 2 ANS",
        "{0} {1} in {2} with {3} percent tax": "0 EXCHANGE 1 2 TAXED 3 ANS",
        "{0} {1} in {2} with {3} percent tax for": "0 EXCHANGE 1 2 TAXED 3 SHARE 4 ANS",
    },
    "dates": {
        "what day is {0}": "0 WEEKDAY ANS",
        "{3} hours after {0}": "0 LATER 3 ANS",
        "what time is it in {2}": "0 TO_UTC 1 TO_LOCAL 2 ANS",
        "what day is it in {2}": "0 TO_UTC 1 TO_LOCAL 2 LATER 3 WEEKDAY ANS",
    },
    "strings": {
        "the first {1} of {0}": "0 START 1 ANS",
        "{3} in {0}": "0 FIND 3 ANS",
        "{3} in {0} in capitals": "0 FIND 3 CAPITALS ANS",
        "the first {1} of {3} in {0}": "0 FIND 3 START 1 ANS",
        "the first {1} of {3} in {0} on": "0 FIND 3 START 1 FILL 2 ANS",
    },
    "geometry": {
        "how far is {0}": "0 DISTANCE 1 ANS",
        "the middle": "0 MIDDLE 1 ANS",
        "the area of the triangle": "0 TRIANGLE 1 2 ANS",
        "the area of the circle around": "0 DISTANCE 1 CIRCLE ANS",
        "how far is the middle": "0 MIDDLE 1 DISTANCE 2 ANS",
        "the area of the circle over": "0 MIDDLE 1 DISTANCE 0 CIRCLE ANS",
    },
    "small_lists": {
        "the mean": "0 MEAN ANS",
        "the median": "0 MEDIAN ANS",
        "the spread": "0 SPREAD ANS",
        "how far is the largest": "0 LARGEST SUB STO 0 MEAN RCL ANS",
        "how far is the mean": "0 MEAN SUB STO 0 MEDIAN RCL ANS",
        "the score": "0 LARGEST SUB STO 0 MEAN RCL DIV STO 0 SPREAD RCL ANS",
    },
    "bits": {
        "bits set in {0}": "0 COUNT ANS",
        "lowest": "0 LOWEST ANS",
        "bits set in both": "0 BOTH 1 COUNT ANS",
        "how many bits differ": "0 DIFFER 1 COUNT ANS",
        "{0} without": "0 LOWEST DIFFER 0 ANS",
        "bit {2}": "0 SHIFT 2 BOTH 3 ANS",
        "bits of {0}": "0 DIFFER 1 SHIFT 2 COUNT ANS",
    },
    "number_theory": {
        "the greatest": "0 GCD 1 ANS",
        "{0} to the power": "0 POWER 1 2 ANS",
        "the least": "0 LCM 1 LCM 2 ANS",
        "the largest": "0 QUOTIENT STO 0 SMALLEST_FACTOR RCL ANS",
        "{1} and": "0 QUOTIENT STO 0 SMALLEST_FACTOR RCL GCD 1 ANS",
    },
    "colours": {
        "how much": "0 FROM_TEXT PART 2 ANS",
        "a darker": "0 FROM_TEXT DARKER TO_TEXT ANS",
        "{0} mixed": "0 FROM_TEXT MIXTURE STO 1 FROM_TEXT RCL TO_TEXT ANS",
    },
    "paths": {
        "the name of {0}": "0 NAME ANS",
        "the folder": "0 PARENT ANS",
        "{0} as": "0 WITH_SUFFIX 2 ANS",
        "{1} beside {0}": "0 PARENT JOIN 1 ANS",
        "the name of the folder": "0 PARENT NAME ANS",
        "{1} in": "0 PARENT PARENT JOIN 1 ANS",
        "{1} beside {0} but": "0 PARENT JOIN 1 WITH_SUFFIX 2 ANS",
    },
    "ten_tools": {
        "the area": "0 AREA 1 ANS",
        "the area of a wall of {0} by {1} in": "0 AREA 1 PAINT 2 ANS",
    },
    "unneeded_operands": {
        "how far does": "3 MUL 4 ANS",
        "how many people": "2 DIV 1 ANS",
        "how many sit": "2 ADD 6 DIV 1 ANS",
        "how far has": "3 MUL 4 ADD 6 ANS",
    },
}
"""By task: how a question begins, after a colon if it has one, and its keys; the longest counts."""
WORDS = {
    "wordings": {
        "price": "0 MUL 2 ANS",
        "left": "3 SUB STO 0 MUL 2 RCL ANS",
        "part": "0 MUL 2 DIV 3 ANS",
    },
    "one_word_apart": {
        "sum": "0 ADD 1 ANS",
        "difference": "0 SUB 1 ANS",
        "product": "0 MUL 1 ANS",
        "quotient": "0 DIV 1 ANS",
        "total": "0 ADD 1 ADD 2 ANS",
        "rest": "0 SUB 1 SUB 2 ANS",
        "volume": "0 MUL 1 MUL 2 ANS",
        "mean": "0 ADD 1 DIV 2 ANS",
        "gain": "0 SUB 1 MUL 2 ANS",
    },
}
"""By task: a word that only one of its questions has."""


def program(name, prompt):
    """The keys of a right program for a question, or None where they depend on what is seen."""
    if name == "stack_language":
        return f"0 {' '.join(pressed(word) for word in prompt.split())} ANS".split()
    if name in WORDS:
        return next(keys for word, keys in WORDS[name].items() if word in prompt.split()).split()
    if name not in PROGRAMS:
        return None
    asked = prompt.rpartition(" : ")[2]
    return PROGRAMS[name][max(filter(asked.startswith, PROGRAMS[name]), key=len)].split()


def pressed(word):
    return f"PUSH {word[1]}" if word.startswith("{") else word.upper()


def order(problem, shown):
    way = ["new", "paid", "packed", "sent", "delivered", "back", "closed"]
    keys = ["PAY", "PACK", "SEND", "DELIVER", "SEND_BACK", "CANCEL"]
    goal, state = problem.prompt.split()[-1], shown[1]
    if state == goal:
        return "ANS"
    return "CANCEL" if goal == "closed" and state in ("new", "paid") else keys[way.index(state)]


def robot(problem, shown):
    import grid_world

    x, y, goal = shown
    return first_step((x, y), goal, grid_world.FREE) if (x, y) != goal else "ANS"


def walker(problem, shown):
    import maze

    place, key = shown
    inside = [cell for cell in maze.FREE if cell not in maze.OUTSIDE]
    if key is not None:
        return first_step(place, key, inside)
    end = problem.answer[0]
    return "ANS" if place == end else first_step(place, end, [*maze.FREE, maze.DOOR])


def first_step(place, goal, free):
    """Breadth first from the goal: the key of a step that comes nearer."""
    steps = {"LEFT": (-1, 0), "RIGHT": (1, 0), "UP": (0, -1), "DOWN": (0, 1)}
    far, queue = {goal: 0}, deque([goal])
    while queue:
        x, y = queue.popleft()
        for dx, dy in steps.values():
            cell = x + dx, y + dy
            if cell in free and cell not in far:
                far[cell] = far[x, y] + 1
                queue.append(cell)
    beside = {key: (place[0] + dx, place[1] + dy) for key, (dx, dy) in steps.items()}
    return next(key for key, cell in beside.items() if far.get(cell, 999) < far[place])


def cards(problem, shown):
    if isinstance(shown, float):
        return "ANS"
    return "HIT" if shown[1] < shown[0] else "STAND"


def customer(problem, shown):
    if len(shown.bag) == int(problem.prompt.split()[1]):
        return "ANS"
    return "APPLE" if shown.apples else "PEAR"


def heater(problem, shown):
    if shown.hours_at_20 == 3:
        return "ANS"
    after = {"HEAT": 2, "COOL": -2, "WAIT": 0}
    return min(after, key=lambda key: abs(shown.degrees + after[key] + shown.draught - 20))


def patient(problem, shown):
    replied, confirmed = problem.operands[0] ** 2 % 997, problem.answer
    if shown == confirmed:
        return "ANS"
    return {problem.operands[0]: "ASK", replied: "CONFIRM"}.get(shown, "0")


PLAYERS = {
    "state_machine": order,
    "grid_world": robot,
    "card_game": cards,
    "shop": customer,
    "thermostat": heater,
    "maze": walker,
    "failing_tools": patient,
}
