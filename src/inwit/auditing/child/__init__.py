"""The process in which foreign code runs: limits, a temporary folder, no network, no secrets.

    process     the parent's side: starts it, asks, notices that it hangs or died, starts it again
    messages    what goes through the pipes: a line of JSON each, no Python objects
    guards      what the child does to itself before it imports the target
    serving     the child's loop: reads calls, makes them, answers

It limits what a mistake can do. It is no sandbox: code that means harm can do harm.
"""
