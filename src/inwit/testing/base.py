"""How a broken contract is told."""

from inwit.parts import Part


def hold(kept: bool, part: Part, contract: str, seen: str) -> None:
    """Assert a contract, also where Python runs without assertions.

    Args:
        kept: whether it holds.
        part: who promised it.
        contract: what was promised, in a sentence.
        seen: what was found instead.

    Raises:
        AssertionError: it does not hold.
    """
    if not kept:
        what = f"{part.noun or 'task'} '{part.name}'"
        raise AssertionError(f"{what} breaks the contract '{contract}': {seen}")
