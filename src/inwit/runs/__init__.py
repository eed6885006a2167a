"""Many runs at once.

seeds.py    one recipe with several seeds
sweeps/     hyperparameters tried out by Optuna
workers/    the processes that both share
"""
