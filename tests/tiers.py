"""Which values of a parameter are tried by the fast tests."""

import pytest


def few_fast(values, *places, many=False):
    """Values of a parameter, of which all but those at some places are slow tests.

    Args:
        values: all of them.
        places: of those that the fast tests try, too.
        many: each is the values of several parameters.
    """
    return [
        each
        if place in places
        else pytest.param(*(each if many else (each,)), marks=pytest.mark.slow)
        for place, each in enumerate(values)
    ]
