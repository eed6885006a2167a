"""The published tutorial with its faults kept, and the true accuracy beside what it prints.

    python benchmarks/tutorial_as_published.py

takes about 10 seconds of one CPU core. Its code is `inwit.bench.published`, where the
comparison of speeds (`inwit bench`) uses it, too.
"""

from inwit.bench.published import main

if __name__ == "__main__":
    main()
