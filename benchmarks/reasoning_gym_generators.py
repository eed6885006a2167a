"""Which generators of reasoning-gym have questions that are one expression with + - * / ?

    pip install 'inwit[reasoning-gym]'
    python benchmarks/reasoning_gym_generators.py

Draws 20 questions from every generator (its own settings, seed 1). If the value of the only
expression in any of them is the stated answer, it draws 1,000.
"""

import contextlib
import io
import warnings

from inwit.cli.waiting import waiting
from inwit.errors import InwitError
from inwit.progress import one_by_one
from inwit.tasks import borrow
from inwit.tasks.reasoning_gym import PREFIX, expression_in, readable

FIRST, COUNT, SEED = 20, 1000, 1


def main() -> None:
    warnings.simplefilter("ignore")
    from reasoning_gym.factory import DATASETS

    refused = {}
    for generator in one_by_one("generator", sorted(DATASETS)):
        name = PREFIX + generator
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                found = bool(readable(name, FIRST, SEED))
                problems = borrow(name, COUNT, SEED) if found else []
        except InwitError as error:
            refused[generator] = str(error)
            continue
        if found:
            read = sum(bool(expression_in(problem.question)) for problem in problems)
            right = len(readable(name, COUNT, SEED))
            print(
                f"{generator}: {read} of {COUNT} read, {right} with the stated answer", flush=True
            )
    print(f"{len(DATASETS)} generators tried; without problems: {refused}")


if __name__ == "__main__":
    with waiting("reading reasoning-gym"):
        main()
