"""The published tutorial with its faults kept, and the true accuracy next to what it prints.

    python benchmarks/tutorial_as_published.py

It takes about 10 seconds on one CPU core. Its code is `inwit.interfaces.bench.published`, which the
speed comparison (`inwit bench`) also uses.
"""

from inwit.interfaces.bench.published import main

if __name__ == "__main__":
    main()
