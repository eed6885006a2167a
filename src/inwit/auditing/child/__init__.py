"""The process in which foreign code runs: limits, a temporary folder, no network, no secrets.

    process     the parent's side: starts it, makes calls, restarts it when it hangs or dies
    messages    messages: lines of JSON, no Python objects
    guards      limits that the child sets before it imports the target
    serving     the child's loop: reads calls, makes them, answers

It limits what a mistake can do. It is not a sandbox: code that means harm can do harm.
"""
