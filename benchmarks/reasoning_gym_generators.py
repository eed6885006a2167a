"""Which generators of reasoning-gym have questions that are one expression with + - * / ?

    pip install 'inwit[reasoning-gym]'
    python benchmarks/reasoning_gym_generators.py

Draws 100 questions of every generator (its own settings, seed 1), and prints those of which any
has the stated answer as the value of the one expression in it.
"""

import contextlib
import io
import warnings

from inwit.errors import InwitError
from inwit.tasks import borrow
from inwit.tasks.borrowed import PREFIX, expression_in, readable

COUNT, SEED = 100, 1


def main() -> None:
    warnings.simplefilter("ignore")
    from reasoning_gym.factory import DATASETS

    tried, found = 0, []
    for generator in sorted(DATASETS):
        name = PREFIX + generator
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                problems = borrow(name, COUNT, SEED)
                right = sum(1 for _ in readable(name, COUNT, SEED))
            except InwitError as error:
                problems, right = [], 0
                reason = str(error)
                if "no numbers" not in reason:
                    found.append((generator, reason))
        tried += 1
        read = sum(bool(expression_in(problem.question)) for problem in problems)
        if right:
            found.append((generator, f"{read} of {COUNT} read, {right} with the stated answer"))
            print(*found[-1], sep="  ", flush=True)
    print(f"{tried} generators tried; without problems:")
    for generator, told in found:
        if "read" not in told:
            print(f"  {generator}: {told}")


if __name__ == "__main__":
    main()
