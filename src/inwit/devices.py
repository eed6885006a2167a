"""Where arithmetic can be done on this machine, by the names that users give."""

import torch

from inwit.errors import InvalidOption, UnknownName

CPU = "cpu"
GRAPHICS = ("gpu", "nvidia", "geforce", "graphics")
"""What people call an accelerator."""


def check_device(name: str) -> None:
    """Refuse a device that cannot be used here.

    Args:
        name: such as `cpu`, `cuda` or `cuda:1`.

    Raises:
        UnknownName: there is none of this name.
        InvalidOption: there is one, but it cannot be used.
    """
    usable = usable_devices()
    if name not in usable:
        raise _unknown(name, usable)
    try:
        torch.zeros(1, dtype=torch.double, device=name).cpu()
    except (RuntimeError, AssertionError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise InvalidOption(f"--device {name} cannot be used: {reason}") from error


def usable_devices() -> tuple[str, ...]:
    """The devices that torch finds: the processor, then the accelerator and each of its number."""
    if not torch.accelerator.is_available():
        return (CPU,)
    found = torch.accelerator.current_accelerator()
    kind = found.type if found else CPU
    return (CPU, kind, *(f"{kind}:{number}" for number in range(torch.accelerator.device_count())))


def _unknown(name: str, usable: tuple[str, ...]) -> InvalidOption:
    """Why a name is none of a device here, and what is nearest."""
    kind, _, number = name.strip().lower().partition(":")
    told = f"--device {name:.40} cannot be used"
    if kind == CPU and number:
        return InvalidOption(f"{told}: the processor has no numbers: cpu is due")
    if kind in GRAPHICS and len(usable) > 1:
        return InvalidOption(
            f"{told}: it is one of {', '.join(usable)}; did you mean '{usable[1]}'?"
        )
    if kind in (*GRAPHICS, "cuda", "mps", "xpu", "rocm") and len(usable) == 1:
        return InvalidOption(f"{told}: torch finds no accelerator here: cpu is due")
    if kind in usable and number:
        return InvalidOption(f"{told}: there are {', '.join(usable[2:])}")
    return UnknownName("device", name, usable)
