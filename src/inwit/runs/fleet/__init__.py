"""Runs that train at once, each in a process of its own with one thread and its own run folder.

    orders -> processes (working: train or go on, score) -> messages

A process that fails or is killed ends alone. One that is asked to stop finishes its update and
saves, and so does one whose parent is gone. From a script of one's own the fleet needs the guard
`if __name__ == "__main__":`, since each process reads the script again. POSIX systems only.
"""

from inwit.runs.fleet.orders import Ended, Finished, Message, Order, Progressed, holds, order
from inwit.runs.fleet.processes import Fleet, usable_cores

__all__ = [
    "Ended",
    "Finished",
    "Fleet",
    "Message",
    "Order",
    "Progressed",
    "holds",
    "order",
    "usable_cores",
]
