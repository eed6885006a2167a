"""How fast an update of ours is, beside the least it can take: a process for each, in turns.

contenders.py   who is measured: names, what each needs, where it is built
floor.py        the matrix products alone that an update needs
ours.py         this library's own loop
worker.py       the process of one contender
session.py      the turns; results.py: what they come to; tables.py: how it is shown

benchmarks/update_speed.py measures other libraries in the same way.
"""
