"""The speed of one update beside its lower bound: a process for each, in turns.

contenders.py   what is measured: names, requirements, builders
floor.py        only the matrix products of an update
ours.py         this library's own loop
worker.py       the process of one contender
session.py      the turns; results.py: their results; tables.py: tables of them

benchmarks/update_speed.py measures other libraries in the same way.
"""
