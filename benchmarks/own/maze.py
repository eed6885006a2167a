"""A maze with a door: whoever has no key must fetch it before going out."""

import random

import inwit

MAZE = ["....#.", ".##.#.", "....D.", ".#.##.", ".#...#", "...#.."]
FREE = [(x, y) for y, row in enumerate(MAZE) for x, cell in enumerate(row) if cell == "."]
DOOR, OUTSIDE = (4, 2), [(5, y) for y in range(4)]


def move(name, dx, dy):
    @inwit.tool(name=name)
    def step(walker: tuple) -> tuple:
        place, key = walker
        place = (place[0] + dx, place[1] + dy)
        if place not in FREE and not (place == DOOR and key is None):
            return walker
        return (place, None if place == key else key)

    return step


MOVES = [move("left", -1, 0), move("right", 1, 0), move("up", 0, -1), move("down", 0, 1)]


@inwit.task(tools=MOVES, sees=lambda walker: (*walker[0], *(walker[1] or (9, 9))))
def maze(draw: random.Random) -> inwit.Problem:
    place, key = draw.sample([cell for cell in FREE if cell not in OUTSIDE], 2)
    level = draw.randrange(2)
    start = (place, key if level else None)
    return inwit.Problem(
        prompt="get {0} out by the door", operands=(start,), answer=((5, 0), None), level=level
    )
