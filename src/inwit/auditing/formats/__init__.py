"""Adapters, a file for each format; each has `open_target(reference, options)`.

It returns `GradedText` or `Interactive` (`inwit.auditing.base`). It runs in the child, the only
process that imports the target. What a user got wrong is an `InwitError`, with the nearest valid
choice.
"""
