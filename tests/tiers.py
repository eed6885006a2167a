"""Which values of a parameter are tried by the fast tests, and which every night alone."""

import pytest


def few_fast(values, *places, many=False, rest=pytest.mark.slow):
    """Values of a parameter, of which all but those at some places are slow tests.

    Args:
        values: all of them.
        places: of those that the fast tests try, too.
        many: each is the values of several parameters.
        rest: the mark of the others.
    """
    return [
        each if place in places else pytest.param(*(each if many else (each,)), marks=rest)
        for place, each in enumerate(values)
    ]


def few_daily(values, *places, many=False):
    """Values of a parameter of a slow test, of which all but a few are tried every night alone."""
    return few_fast(values, *places, many=many, rest=pytest.mark.nightly)
