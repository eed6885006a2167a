"""Runs that train at once, each in a process of its own with one thread and its own run folder.

    jobs -> processes (working: train or go on, score) -> messages

A process that fails or is killed ends alone. One that is asked to stop finishes its update and
saves, and so does one whose parent is gone. From a script of one's own the workers needs the guard
`if __name__ == "__main__":`, since each process reads the script again. POSIX systems only.
"""

from inwit.runs.workers.jobs import Ended, Finished, Job, Message, Progressed, holds, job_of
from inwit.runs.workers.processes import Workers, usable_cores

__all__ = [
    "Ended",
    "Finished",
    "Job",
    "Message",
    "Progressed",
    "Workers",
    "holds",
    "job_of",
    "usable_cores",
]
