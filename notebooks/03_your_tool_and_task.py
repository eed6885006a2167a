# %% [markdown]
# # Your own tools and task
#
# Any typed Python function can be a key, and a function that draws problems is a task. Values may be objects: here
# they are dates. The network never sees a date; it learns which keys to press.

# %%
import random
from datetime import date, timedelta

import inwit


@inwit.tool
def later(day: date, count: int) -> date:
    """A date so many days later."""
    return day + timedelta(count)


@inwit.tool
def weekday(day: date) -> str:
    """The name of the day."""
    return day.strftime("%A")


@inwit.task(tools=[later, weekday])
def days(draw: random.Random) -> inwit.Problem:
    day, count = date(2000, 1, 1) + timedelta(draw.randrange(9999)), draw.randint(2, 99)
    plain = ("which day of the week is {0}", weekday(day))
    moved = ("which day of the week is {1} days after {0}", weekday(later(day, count)))
    prompt, answer = draw.choice([plain, moved])
    return inwit.Problem(prompt=prompt, operands=(day, count), answer=answer)


# %% [markdown]
# First: is it worth training on? The audit tries every program.

# %%
inwit.audit(days)

# %%
agent = inwit.train(days)
scores = agent.evaluate()
scores

# %% [markdown]
# A question with a date that no problem had:

# %%
trace = agent.solve("which day of the week is 45 days after 2026-11-28")
trace

# %% [markdown]
# What if it had not learnt? Without the search that comes first, this seed finds the easier question and stays there.
# The advice follows from what was measured.

# %%
stuck = inwit.train(days, search=0, updates=40, seed=1, early_stopping=False)
print(stuck.evaluate(), *stuck.advice(), sep="\n")

# %%
assert trace.answer == "Tuesday"
assert scores[0].agent.accuracy >= 0.95
