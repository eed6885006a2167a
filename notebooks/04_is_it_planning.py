# %% [markdown]
# # Is it planning?
#
# An agent that is right need not have planned or remembered anything. A certificate puts every claim beside what would
# have refuted it.

# %%
import inwit
from inwit.probes import Verdict

agent = inwit.train("stages", masks="given", once=True)
certificate = agent.certify(problems=300)
certificate

# %% [markdown]
# It answers every problem, and its memory is real: without the memory keys accuracy falls, and when a stored value is
# overwritten, the answer becomes that of the new value.

# %%
(stored,) = certificate.find("memory", "stored value")
stored.verdict, stored.figure

# %% [markdown]
# But nothing is claimed about planning. This agent is shown which keys are legal, and one program whose illegal keys
# are skipped solves all three stages, so it hardly has to read. These parts are stated, and not shown:

# %%
certificate.not_shown

# %% [markdown]
# An agent that must read its problem before it presses blind is another case. `expressions-prompt` reads up to six
# operations once; here it trains briefly, on at most two.

# %%
reader = inwit.train("expressions-prompt", largest=2, updates=150)
judged = reader.certify(problems=300)
[(line.name, str(line.verdict), line.figure) for line in judged.find("planning")[:1]]

# %%
causal = judged.find("planning", "state of problem A")[0]
causal.verdict, causal.figure

# %% [markdown]
# The state after reading problem A, put into the network before problem B, makes it carry out A's plan.

# %%
assert stored.verdict is Verdict.PASS
assert "planning" in certificate.not_shown
assert causal.verdict is Verdict.PASS
