"""Bring a room to 20 degrees and keep it there for a while; only the temperature is seen."""

import random
from dataclasses import dataclass

import inwit


@dataclass(frozen=True)
class Room:
    degrees: float
    draught: float
    hours_at_20: int = 0


def change(name, degrees):
    @inwit.tool(name=name)
    def pass_an_hour(room: Room) -> Room:
        now = room.degrees + degrees + room.draught
        return Room(now, room.draught, room.hours_at_20 + (abs(now - 20) <= 1))

    return pass_an_hour


TOOLS = [change("heat", 2), change("cool", -2), change("wait", 0)]


@inwit.task(
    tools=TOOLS,
    sees=lambda room: (room.degrees,),
    verify=lambda room, problem: room.hours_at_20 >= 3,
)
def thermostat(draw: random.Random) -> inwit.Problem:
    level = draw.randrange(2)
    room = Room(draw.randint(120, 280) / 10, level * draw.choice([-1, -0.5, 0.5, 1]))
    kept = Room(20.0, room.draught, 3)
    return inwit.Problem(prompt="keep {0} at 20", operands=(room,), answer=kept, level=level)
