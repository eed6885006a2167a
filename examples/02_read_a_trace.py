"""Read how an agent solves an expression: its observations, its presses, its memory.

The agent trains for a few seconds on expressions of one to three operations. The output shows each
press and the state of the calculator after it, for expressions of different structure: `STO` pushes
the current calculation onto the memory before a part that must be done first, and `RCL` pops it. A
parenthesis is stored as `(`.

    python examples/02_read_a_trace.py
"""

import inwit

PROBLEMS = ("2*3+4", "2+3*4", "(2+3)*4", "2*(3+4)-5")


def show(trace):
    print(f"\n{trace.problem}")
    for press in trace.presses:
        display = "" if press.accumulator is None else f"{press.accumulator:g}"
        aside = " | ".join(press.memory)
        print(f"  {press.key:5} {press.probability:6.1%}  {display:>4}  {press.pending:9}  {aside}")
    print(f"  answer {trace.answer:g}")


def main() -> None:
    agent = inwit.train("expressions", largest=3, updates=160, seed=0)
    for problem in PROBLEMS:
        trace = agent.solve(problem)
        show(trace)
        assert trace.answer == eval(problem), problem
        depths = [0, *(len(press.memory) for press in trace.presses)]
        for press, before, after in zip(trace.presses, depths, depths[1:], strict=False):
            assert after - before == {"STO": 1, "RCL": -1}.get(press.key, 0)
    # Right for any numbers: the network sees that a number stands there, and never which.
    assert agent.solve("123.5*(40-77)").answer == 123.5 * (40 - 77)


if __name__ == "__main__":
    main()
