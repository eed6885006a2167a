"""The probes of graded text.

    context     one audit: the items, the child, how a reply must look, what a right one is paid
    forms       ways to write an answer down
    truth       which replies are shown to be wrong, by nothing but the question and the gold
    counting    what is asked by counting: letters, sums, common divisors
    records     golds that are JSON objects
    puzzles     numbers that make a target; syllogisms
    solver      answers to questions that can be read for sure
    right       stated golds, and other ways to write them, must be paid
    wrong       replies that are wrong for every reader must not be paid
    partial     what is earned by replies that are not right
    near        replies that differ little from the gold
    ends        which part of a reply is graded
    properties  finite, the same twice, no memory, errors distinguished from 0
    data        items that repeat, golds in the prompt, golds that a solver contradicts
    ceilings    what is earned without understanding anything

A probe is a function of the context that yields findings.
"""
