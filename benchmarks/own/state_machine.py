"""An order goes from state to state; which event comes next depends on where it is now."""

import random

import inwit

STEPS = {
    "pay": {"new": "paid"},
    "pack": {"paid": "packed", "back": "packed"},
    "send": {"packed": "sent"},
    "deliver": {"sent": "delivered"},
    "send_back": {"delivered": "back"},
    "cancel": {"new": "closed", "paid": "closed", "back": "closed"},
}
STATES = ["new", "paid", "packed", "sent", "delivered", "back", "closed"]


def event(name):
    @inwit.tool(name=name)
    def happen(order: tuple) -> tuple:
        return (order[0], STEPS[name][order[1]])

    return happen


@inwit.task(tools=map(event, STEPS), shown=STATES, display=lambda order: order[1])
def state_machine(draw: random.Random) -> inwit.Problem:
    number, start, level = draw.randrange(1000), draw.choice(STATES[:3]), draw.randrange(2)
    goal = draw.choice(["sent", "delivered"] if level == 0 else ["back", "closed"])
    return inwit.Problem(
        prompt=f"bring {{0}} to {goal}",
        operands=((number, start),),
        answer=(number, goal),
        level=level,
    )
