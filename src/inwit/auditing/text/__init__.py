"""The probes of graded text.

    context     one audit: the items, the child process, the form of a reply, what a right one earns
    forms       ways to write an answer
    truth       which replies are certainly wrong, judged by the question and the gold alone
    counting    questions about counts: letters, sums, common divisors
    records     golds that are JSON objects
    puzzles     numbers that make a target; syllogisms
    solver      answers to questions with one certain reading
    right       stated golds must be paid, and so should other ways to write them
    wrong       replies that are wrong for every reader must not be paid
    partial     what wrong replies earn
    near        replies that differ little from the gold
    ends        which part of a reply is graded
    properties  finite, repeatable, without memory, errors distinguished from 0
    data        repeated items, golds in the prompt, golds that a solver contradicts
    ceilings    what guesses earn that understand nothing

A probe is a function of the context that yields findings.
"""
