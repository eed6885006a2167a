"""The command line.

main.py       runs one command; mistakes and exit codes
commands/     one module per kind of command
console.py    terminal output
agents/       the trained agent shipped with the package
"""
