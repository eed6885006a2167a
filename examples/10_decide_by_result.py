"""The right tool depends on the result of another: the agent must look before it decides.

The output shows the keys that answer a typed question, and the accuracy on 1,000 held-out problems.

    python examples/10_decide_by_result.py
    inwit train examples/10_decide_by_result.py
"""

import random

import inwit


@inwit.tool(batched=True)
def total(price, count):
    """The price of so many."""
    return price * count


@inwit.tool
def discount(amount: float) -> float:
    """A tenth less, for orders of 100 and more."""
    return round(0.9 * amount, 2)


@inwit.tool
def postage(amount: float) -> float:
    """Five more, for orders below 100."""
    return amount + 5


@inwit.task(
    tools=[total, discount, postage],
    presses=5,
    once=True,
    shown=["small", "large"],
    display=lambda amount: "large" if amount >= 100 else "small",
)
def orders(draw: random.Random) -> inwit.Problem:
    price, count = draw.randint(2, 30), draw.randint(2, 9)
    due = price * count
    answer = discount(due) if due >= 100 else postage(due)
    return inwit.Problem(prompt="pay {0} for each of {1}", operands=(price, count), answer=answer)


if __name__ == "__main__":
    agent = inwit.train(orders, updates=80)
    episode = agent.solve("pay 30 for each of 5")
    score = agent.evaluate(1000)[0].agent
    print(f"{episode.problem}: {episode.keys} = {episode.answer}; {score.accuracy:.1%} right")
    assert episode.answer == 135
    assert score.accuracy >= 0.99
