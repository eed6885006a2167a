"""What a result depends on besides its recipe: versions, commit, machine, threads."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import torch


def made_with(device: str = "cpu") -> dict[str, str | int]:
    """What a result depends on besides the recipe and its device."""
    graphics = device.startswith("cuda")
    return {
        "inwit": version("inwit"),
        "commit": commit(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "machine": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count() or 0,
        "threads": torch.get_num_threads(),
        "device": torch.cuda.get_device_name(device) if graphics else device,
    }


def commit() -> str:
    """The commit of the source tree, empty when installed from a package."""
    where = Path(__file__).parent
    command = ["git", "-C", str(where), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=5).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""
