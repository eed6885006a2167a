"""Parallel runs, each in its own process with one thread and its own run folder.

    jobs -> processes (working: train or resume, score) -> messages

A process that fails or is killed does not affect the others. A process that is asked to stop, or
whose parent has died, finishes its update and saves. A script that uses the workers needs the guard
`if __name__ == "__main__":`, since each process imports the script again. POSIX only.

    processes    processes of this machine
    cluster      nodes of a Ray cluster; `nodes` is what happens there, `travelling` what is sent
"""

from inwit.runs.workers.base import RunExecutor, check_jobs
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


def workers_of(jobs: int | None, ray: str = "") -> RunExecutor:
    """The executor: processes of this machine, or a Ray cluster at an address.

    Raises:
        InvalidOption: the number of jobs is not at least 1, or there is no such cluster.
    """
    if not ray:
        return Workers(jobs)
    from inwit.runs.workers.cluster import RayWorkers

    return RayWorkers(ray, jobs)


__all__ = [
    "Ended",
    "Finished",
    "Job",
    "Message",
    "Progressed",
    "RunExecutor",
    "Workers",
    "check_jobs",
    "holds",
    "job_of",
    "measured",
    "workers_of",
]
