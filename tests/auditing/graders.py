"""Graders with one fault each, for the tests; what they print must not break the pipe."""

import os
import sys
import time


def sound(reply, row):
    print("a grader prints")
    return float(reply.strip() == row["answer"])


def substring(reply, row):
    return float(row["answer"] in reply)


def refuses(reply, row):
    return 0.0


def raises(reply, row):
    return float(int(reply) == int(row["answer"]))


def hangs(reply, row):
    while reply == "banana":
        time.sleep(0.01)
    return sound(reply, row)


def stubborn(reply, row):
    while reply == "banana":
        try:
            time.sleep(10)
        except BaseException:
            continue
    return sound(reply, row)


def leaves(reply, row):
    if reply == "banana":
        sys.exit(3)
    if reply == "":
        os._exit(4)
    return sound(reply, row)


def allocates(reply, row):
    return float(len(bytearray(2**40))) if reply == "banana" else sound(reply, row)


def forks(reply, row):
    if reply == "banana" and os.fork() == 0:
        return 5.0
    return sound(reply, row)


def returns_text(reply, row):
    return "1.0"


def secrets(reply, row):
    return float("INWIT_TEST_SECRET" in os.environ)


def connects(reply, row):
    import socket

    socket.create_connection(("127.0.0.1", int(reply)), timeout=1)
    return 1.0


def inside(reply, row):
    return float(os.getcwd() == os.path.realpath(os.environ["HOME"]))


def one_argument(reply):
    return 0.0


NUMBER = 3
