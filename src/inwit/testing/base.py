"""Assertions of contracts."""

from inwit.parts import Part


def hold(kept: bool, part: Part, contract: str, seen: str) -> None:
    """Assert a contract, also under `python -O`.

    Args:
        kept: whether it holds.
        part: what is under test.
        contract: the contract, in a sentence.
        seen: what was observed instead.

    Raises:
        AssertionError: it does not hold.
    """
    if not kept:
        what = f"{part.noun or 'task'} '{part.name}'"
        raise AssertionError(f"{what} breaks the contract '{contract}': {seen}")
