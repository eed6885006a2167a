"""Train on expressions of at most four operations; solve expressions of a hundred.

The agent sees one symbol at a time and learns from a single reward: right or wrong. The output
shows its accuracy on held-out expressions up to 25 times longer than those in training, where
chance never succeeds. Long expressions are evaluated modulo a prime, so every digit is checked.

    python examples/03_expressions_at_any_length.py
"""

import inwit

LENGTHS = (1, 4, 10, 25, 100)
COUNT = 50


def main() -> None:
    agent = inwit.train("expressions", updates=160, seed=0)
    print("operations      right      by chance")
    for score in agent.evaluate(COUNT, lengths=LENGTHS):
        by_chance = f"{score.chance.right} of {COUNT}"
        print(f"{score.level:10}   {score.agent.right} of {COUNT}   {by_chance:>10}")
        assert score.agent.right >= COUNT - 1, score.form

    typed = "((8-3)*(2+7)-4*(6-(1+5)*3))*2-(9-8*(7-6))"
    trace = agent.solve(typed)
    print(f"\n{typed} = {trace.answer:g}, in {len(trace.presses)} presses")
    assert trace.answer == eval(typed)


if __name__ == "__main__":
    main()
