"""A robot in a grid with walls; it sees where it stands and where it must go."""

import random

import inwit

GRID = ["..#..", ".....", "#.##.", "....."]
FREE = [(x, y) for y, row in enumerate(GRID) for x, cell in enumerate(row) if cell == "."]


def move(name, dx, dy):
    @inwit.tool(name=name)
    def step(robot: tuple) -> tuple:
        x, y, goal = robot
        return (x + dx, y + dy, goal) if (x + dx, y + dy) in FREE else robot

    return step


MOVES = [move("left", -1, 0), move("right", 1, 0), move("up", 0, -1), move("down", 0, 1)]


@inwit.task(tools=MOVES, sees=lambda robot: (robot[0], robot[1], *robot[2]))
def grid_world(draw: random.Random) -> inwit.Problem:
    (x, y), goal = draw.sample(FREE, 2)
    level = abs(x - goal[0]) + abs(y - goal[1]) > 3
    return inwit.Problem(
        prompt="bring {0} to its goal",
        operands=((x, y, goal),),
        answer=(*goal, goal),
        level=int(level),
    )
