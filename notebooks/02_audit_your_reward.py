# %% [markdown]
# # Audit your reward
#
# A reward function is a program, and programs have holes. An audit looks for them before any training: it needs no
# model, and takes seconds. This reward looks for the right answer anywhere in a reply.

# %%
import json
from pathlib import Path
from tempfile import mkdtemp

import inwit

folder = Path(mkdtemp())
(folder / "rewards.py").write_text(
    """
def score(reply: str, row: dict) -> float:
    return 1.0 if row["answer"] in reply else 0.0
"""
)
rows = [
    {
        "question": f"A box holds {eggs} eggs. How many are in {boxes} boxes?",
        "answer": str(eggs * boxes),
    }
    for eggs in range(11, 31)
    for boxes in (3, 7, 9)
]
data = folder / "rows.jsonl"
data.write_text("".join(json.dumps(row) + "\n" for row in rows))

found = inwit.audit(f"{folder / 'rewards.py'}:score", data=data)
found

# %% [markdown]
# Every finding has the question, the reply and the score that show it:

# %%
hole = found.find("near/sign")
print(
    hole.item.question,
    "| gold:",
    hole.item.gold,
    "| reply:",
    hole.reply,
    "| score:",
    hole.reading.score,
)

# %% [markdown]
# Compare the last number of the reply instead:

# %%
(folder / "mended.py").write_text(
    r"""
import re

def score(reply: str, row: dict) -> float:
    numbers = re.findall(r"-?\d+(?:\.\d+)?", reply.replace(",", ""))
    return 1.0 if numbers and float(numbers[-1]) == float(row["answer"]) else 0.0
"""
)
mended = inwit.audit(f"{folder / 'mended.py'}:score", data=data)
mended

# %%
assert found.verdict == "fail"
assert mended.verdict != "fail"
