# %% [markdown]
# # A first agent
#
# One small network learns to use a calculator with a memory, from a single reward: right or wrong. Nobody says which
# keys mean something. Training takes about half a minute on one core.

# %%
import inwit

agent = inwit.train("stages")
agent

# %% [markdown]
# The table shows right answers *while exploring*: a fifth of all presses are random. Without exploring, on problems
# that training never draws:

# %%
scores = agent.evaluate()
scores

# %% [markdown]
# How it got there, a curve for each level:

# %%
agent.plot()

# %% [markdown]
# Ask it something. `STO` sets an unfinished calculation aside, `RCL` enters the result of the next one into it.

# %%
trace = agent.solve("3*7+2-4*5")
trace

# %% [markdown]
# The network was kept several times on the way. This is the same problem, tried again and again:

# %%
from inwit.training.run_folder import RunFolder

for update in RunFolder(agent.recipe.out).snapshots():
    print(update, inwit.load(agent.recipe.out, snapshot=update).solve("3*7+2-4*5"))

# %%
assert trace.right
assert all(score.agent.accuracy >= 0.95 for score in scores)
