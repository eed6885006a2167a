"""Freed memory is used for the next tensors; the system does not clear its pages anew."""

import platform
import subprocess
import sys

import pytest

ROUNDS, LATER, NUMBERS = 5, 20, 10_000_000
"""Rounds before and while pages are counted: a block or two may still find no place of its size."""
BLOCKS = f"""
import resource
import torch

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def rounds(count):
    for _ in range(count):
        several = [torch.ones({NUMBERS}) for _ in range(2)]
        del several

rounds({ROUNDS})
before = faults()
rounds({LATER})
print(faults() - before)
"""
KEPT = "from inwit.devices import keep_freed_memory\nkeep_freed_memory()\n"


def pages(code):
    """Pages that the system has given in the later rounds, in a fresh process."""
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return int(told.stdout)


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told to keep it")
def test_memory_is_not_taken_from_the_system_again():
    assert pages(KEPT + BLOCKS) < pages(BLOCKS) / 10
