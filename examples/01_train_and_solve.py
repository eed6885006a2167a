"""Train an agent on the tutorial's three stages, ask it a problem, score it, and load it again.

The output shows the share of right training episodes of all stages, the answer to a typed
problem, the accuracy on 1,000 held-out problems of each stage next to that of chance, and the
folder from which the same agent is loaded.

    python examples/01_train_and_solve.py
"""

import inwit

EVERY = 10
"""Updates between two lines."""


def show(report):
    if report.update % EVERY == 0:
        right = report.metrics["episodes/accuracy"]
        print(f"update {report.update}: {right:.0%} of the episodes right")


def main() -> None:
    agent = inwit.train("stages", seed=0, report=show)

    episode = agent.solve("3*7+2-4*5")
    print(f"\n{episode.problem} = {episode.answer:g}, by {episode.keys}\n")
    assert episode.answer == 3 * 7 + 2 - 4 * 5

    for score in agent.evaluate(1000):
        low, high = score.agent.interval
        print(
            f"{score.form:14} {score.agent.accuracy:6.1%} right ({low:.1%} to {high:.1%}), "
            f"chance {score.chance.accuracy:.1%}"
        )
        assert score.agent.accuracy > 0.99

    again = inwit.load(agent.recipe.out)
    assert again.solve("8*7+3").answer == 8 * 7 + 3
    print(f"\nloaded again from {agent.recipe.out}")


if __name__ == "__main__":
    main()
