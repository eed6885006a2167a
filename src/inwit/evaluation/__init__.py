"""How well an agent does.

scores, intervals    right answers on held-out problems
traces               one episode, press by press
history, curves      how training went, in columns and in plots
advice               what to change when it has not learnt
"""
