"""Problems that others wrote: a trained agent on reasoning-gym's arithmetic, zero-shot.

    pip install -r benchmarks/requirements.txt
    inwit train expressions --operators "+-*/" --out RUN
    python benchmarks/reasoning_gym_zero_shot.py RUN

Draws 1,000 problems each of `chain_sum` and `basic_arithmetic` (reasoning-gym's own settings;
without division if the agent does not know it), extracts the expression from each, and compares the
agent's answer with the one that reasoning-gym states.
"""

import argparse
import warnings
from pathlib import Path

import inwit
from inwit.cli.waiting import waiting
from inwit.evaluation.scores import Score
from inwit.tasks import FileProblem

COUNT, SEED = 1000, 2026


def problems(name: str, operators: str) -> list[FileProblem]:
    """Problems of a reasoning-gym dataset."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        import reasoning_gym
    settings = {} if name == "chain_sum" else {"operators": tuple(operators)}
    entries = reasoning_gym.create_dataset(name, size=COUNT, seed=SEED, **settings)
    return [
        FileProblem(
            line=line,
            question=entry["metadata"]["expression"],
            answer=float(entry["answer"]),
            stated=entry["answer"],
        )
        for line, entry in enumerate(entries, 1)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    agent = inwit.load(parser.parse_args().run)
    for name in ("chain_sum", "basic_arithmetic"):
        answers = agent.answer(problems(name, agent.recipe.task.operators))
        score = Score(right=sum(answer.right for answer in answers), count=len(answers))
        low, high = score.interval
        print(f"{name}: {score.right} of {score.count} right ({low:.1%} to {high:.1%})")
        for answer in [answer for answer in answers if not answer.right][:5]:
            written, found = answer.problem, answer.refusal or answer.answer
            print(f"  {written.question} = {found}; reasoning-gym says {written.stated}")


if __name__ == "__main__":
    with waiting("answering problems of reasoning-gym"):
        main()
