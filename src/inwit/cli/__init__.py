"""The command line.

main.py       runs one command
mistakes.py   a user's mistake in one line, and exit codes
waiting.py    progress lines of long commands
commands/     one module per kind of command
console.py    terminal output
games.py      the same for runs in environments
agents/       the trained agent shipped with the package
"""
