"""The command line: the front of all other rooms.

main.py       one command, its mistakes and its exit code
commands/     a module for the commands of one kind
console.py    what a person sees in a terminal
agents/       the trained agent that comes with the package
"""
