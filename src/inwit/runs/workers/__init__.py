"""Parallel runs, each in its own process with one thread and its own run folder.

    jobs -> processes (working: train or resume, score) -> messages

A process that fails or is killed does not affect the others. A process that is asked to stop, or
whose parent has died, finishes its update and saves. A script that uses the workers needs the guard
`if __name__ == "__main__":`, since each process imports the script again. POSIX only.
"""

from inwit.runs.workers.jobs import (
    Ended,
    Finished,
    Job,
    Message,
    Progressed,
    holds,
    job_of,
    measured,
)
from inwit.runs.workers.processes import Workers

__all__ = [
    "Ended",
    "Finished",
    "Job",
    "Message",
    "Progressed",
    "Workers",
    "holds",
    "job_of",
    "measured",
]
