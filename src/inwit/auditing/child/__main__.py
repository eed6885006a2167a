"""`python -m inwit.auditing.child`: started by `inwit.auditing.child.process`, by nobody else."""

from inwit.auditing.child.serving import main

main()
