"""Arithmetic word problems, learnt from answers only: no program is ever shown.

Uniformly random presses find programs with the right answers; three small networks learn from
these to read the text. The output shows the keys that the agent presses for questions in plain
words, and its accuracy on stories outside its training data.

    python examples/11_word_problems.py
"""

import inwit

ASKED = {
    "Mary has 8 apples and buys five more. How many apples has Mary now?": 13,
    "Tom had 61 marbles and filled 7 bags with 8 marbles each. How many marbles are left?": 5,
    "12 boys and 9 girls got 6 stamps each from Anna. How many stamps did Anna give?": 126,
    "Peter buys 14 dozen books. How many books does Peter buy?": 168,
}


def main() -> None:
    agent = inwit.train("word-problems", seed=0)
    for question, answer in ASKED.items():
        trace = agent.solve(question)
        print(f"{question}\n    {trace.keys} = {trace.answer:g}")
        assert trace.answer == answer
    score = agent.evaluate(400)[0].agent
    print(f"held out: {score.right} of {score.count} right")
    assert score.accuracy >= 0.95


if __name__ == "__main__":
    main()
