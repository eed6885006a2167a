"""Speed measured beside others: a process for each, turns that alternate, the same work.

contenders.py   who is measured: names, what each needs, where it is built
floor.py        the matrix products alone that an update needs
ours.py         this library's own loop
published.py    the tutorial as it was published; tutorial.py: the same as contenders
in_jax.py, sb3.py, in_torchrl.py    the same game and the same width in other libraries
game.py         the tutorial's first stage for a batch of episodes, in numpy
worker.py       the process of one contender
session.py      the turns; results.py: what they come to; tables.py, plot.py: how it is shown
"""
