"""Devices of this machine by the names that users give, its cores and its memory."""

import ctypes
import os
import sys
from difflib import get_close_matches
from pathlib import Path

import torch

from inwit.errors import InvalidOption

CPU = "cpu"
GRAPHICS = ("gpu", "nvidia", "rocm", "cuda", "mps", "xpu")
"""Names for an accelerator."""
SHARE = Path("/sys/fs/cgroup/cpu.max")
"""Linux's file with the CPU limit of a container."""
TRIM, PAD, ALONE = -1, -2, -3
"""Options of glibc's `mallopt`."""
KEPT_MEMORY = ((ALONE, 2**25), (ALONE, 2**30), (TRIM, 2**30), (PAD, 2**26))
"""Bytes from which a block is given back by itself (old versions take 32 MiB at most); those free
at the end from which they are given back; those asked for at once."""


def check_device(name: str, kind: torch.dtype = torch.double) -> None:
    """Check that a device can be used here.

    Args:
        name: such as `cpu`, `cuda` or `cuda:1`.
        kind: the type of numbers that the device must support.

    Raises:
        InvalidOption: the device does not exist or cannot be used.
    """
    usable = usable_devices()
    if name not in usable:
        raise InvalidOption(f"--device {name:.40} cannot be used: {_reason(name, usable)}")
    try:
        torch.zeros(1, dtype=kind, device=name).cpu()
    except (RuntimeError, AssertionError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise InvalidOption(f"--device {name} cannot be used: {reason}") from error


def usable_devices() -> tuple[str, ...]:
    """The devices that torch finds: the CPU, then the accelerator and its numbered devices."""
    found = torch.accelerator.current_accelerator()
    if found is None or not torch.accelerator.is_available():
        return (CPU,)
    numbers = range(torch.accelerator.device_count())
    return (CPU, found.type, *(f"{found.type}:{number}" for number in numbers))


def _reason(name: str, usable: tuple[str, ...]) -> str:
    """Why a name is not a device here, and the nearest one."""
    kind, _, number = name.strip().lower().partition(":")
    if kind == CPU and number:
        return "the CPU has no numbers: use cpu"
    if kind in GRAPHICS and len(usable) == 1:
        return "torch finds no accelerator here: use cpu"
    if kind in usable and number:
        return f"there are {', '.join(usable[2:])}"
    close = get_close_matches(name.strip().lower(), usable, n=1, cutoff=0.5)
    near = usable[1:2] if kind in GRAPHICS else close
    hint = f"; did you mean '{near[0]}'?" if near else ""
    return f"it is one of {', '.join(usable)}{hint}"


def usable_cores() -> int:
    """The cores that this process may use, a container's share of them counted."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        quota, period = map(int, SHARE.read_text().split())
    except (OSError, ValueError):
        return cores or 1
    return max(1, min(cores or 1, round(quota / period)))


def keep_freed_memory() -> None:
    """Let glibc keep freed memory for the next tensors; another C library is left as it is.

    The system clears every page that it gives out again, which took up to half of the CPU time of
    an update on long windows.
    """
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    if library is not None and hasattr(library, "mallopt"):
        for option, value in KEPT_MEMORY:
            library.mallopt(option, value)
