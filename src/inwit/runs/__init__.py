"""Many runs at once.

seeds.py    one recipe with several seeds
sweeps/     hyperparameter search with Optuna
workers/    the executor of both: processes, and what runs report
"""
