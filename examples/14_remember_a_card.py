"""Cards are shown one at a time and taken away; at the end the agent has to name the first.

The display shows the colour of the top card and nothing else, so remembering is the network's own
work. A recurrent network learns it by the default recipe. A network without a memory can only guess
among four colours.

    python examples/14_remember_a_card.py
"""

import random
from dataclasses import dataclass

import inwit

COLOURS = ("red", "black", "green", "white")


@dataclass(frozen=True)
class Deck:
    """Cards, of which only the top one is seen."""

    cards: tuple[str, ...]


@inwit.tool
def turn(deck: Deck) -> Deck:
    """Take the top card away."""
    if len(deck.cards) == 1:
        raise ValueError("this is the last card")
    return Deck(deck.cards[1:])


def naming(colour: str) -> inwit.Tool:
    @inwit.tool(name=colour)
    def name(deck: Deck) -> str:
        if len(deck.cards) > 1:
            raise ValueError("not before the last card")
        return colour

    return name


def display(value: object) -> str:
    return value.cards[0] if isinstance(value, Deck) else str(value)


@inwit.task(
    tools=[turn, *map(naming, COLOURS)], presses=8, memory=0, once=True,
    shown=COLOURS, display=display,
)  # fmt: skip
def first_card(draw: random.Random) -> inwit.Problem:
    cards = tuple(draw.choice(COLOURS) for _ in range(5))
    return inwit.Problem(prompt="the first card of {0}", operands=(Deck(cards),), answer=cards[0])


def main() -> None:
    print("training twice: a minute on an idle core", flush=True)
    right = {}
    for policy, budget in (("gru", 300), ("memoryless", 150)):  # gru stops before it is spent
        agent = inwit.train(first_card, policy=policy, updates=budget)
        right[policy] = agent.evaluate(1000)[0].agent
        print(f"{policy}: {right[policy]}, chance {1 / len(COLOURS):.0%}")
    assert right["gru"].accuracy >= 0.99
    assert right["memoryless"].accuracy < 0.3


if __name__ == "__main__":
    main()
