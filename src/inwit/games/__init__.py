"""Games: anybody's environment, trained on as our own tasks are.

base           a world, and copies of it side by side
memory_length  a world of ours: remember one bit
spaces         spaces of Gymnasium as fields, numbers and actions
registered     `gymnasium:ID`
processes      copies in other processes; worker: the program of one
game           windows of episodes whose seeds are known
live           a vector environment that exists already
ledger         what episodes earned
normalising    a policy that sees normalised numbers
recipe         the typed parts of a run
stepping       where copies are stepped, chosen by measurement
training       the loop; compiled: its gradient steps as one graph
scores traces  how well it does, and how
certificate    what it knows: controls, lesions; past: probes of what was seen
learnability   what is learnt in a stated budget, with and without memory: lines of an audit
player         from Python: train, resume, load, evaluate, trace
"""
