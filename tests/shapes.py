"""Shapes of tensors are checked while the tests run, at a price that they can pay.

The hook of jaxtyping checks every argument and result of every call; that took 60 % of the tests'
time. Here the functions and records are checked that have shapes (of the others mypy speaks), and
of each in every test the first calls, then one of some: a loop calls with the same shapes.
"""

import dataclasses
import inspect
from functools import wraps
from typing import get_args

import jaxtyping
from beartype import BeartypeConf, beartype

FIRST, EVERY = 2, 100
"""Calls of a function that are checked in each test; after these, one of so many."""
by_shape = jaxtyping.jaxtyped
by_type = beartype(conf=BeartypeConf(is_pep484_tower=True))  # an int will do for a float
tests_begun = [0]


def begin_test():
    """Count the calls of every function anew."""
    tests_begun[0] += 1


def has_shape(annotation):
    if inspect.isclass(annotation) and issubclass(annotation, jaxtyping.AbstractArray):
        return True
    return any(map(has_shape, get_args(annotation)))


def checked(thing):
    """A function, method, property or record with its shapes checked."""
    if inspect.isclass(thing):
        if dataclasses.is_dataclass(thing) and "__init__" in vars(thing):
            thing.__init__ = checked(thing.__init__)
        return thing
    if isinstance(thing, (classmethod, staticmethod)):
        return type(thing)(checked(thing.__func__))
    if isinstance(thing, property):
        return property(checked(thing.fget), doc=thing.__doc__)
    shaped = any(map(has_shape, getattr(thing, "__annotations__", {}).values()))
    return _sampled(thing) if shaped else thing


def _sampled(function):
    checking = None  # made at the first call: most functions are never called by a process
    test = calls = 0

    @wraps(function)
    def called(*arguments, **named):
        nonlocal checking, test, calls
        if test != tests_begun[0]:
            test, calls = tests_begun[0], 0
        calls += 1
        if calls > FIRST and calls % EVERY:
            return function(*arguments, **named)
        checking = checking or by_shape(by_type(function), typechecker=None)
        return checking(*arguments, **named)

    return called


def jaxtyped(thing=None, *, typechecker=None):
    """What jaxtyping's hook decorates with, in its place."""
    return checked if thing is None else checked(thing)
