"""`python -m inwit`, which `torchrun -m inwit` starts too, is the command line."""

from inwit.cli.main import main

if __name__ == "__main__":
    main()
