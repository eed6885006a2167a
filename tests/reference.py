"""The machine again, for one episode, in plain Python: the slow form that the tests compare with.

Written from the table of keys in the design and the docstring of `Rules`, not from the tensors.
An empty accumulator is NaN here, too, so that whole records can be compared at once.
"""

from math import inf, isfinite, isnan, nan

FUNCTIONS = {
    "ADD": (2, lambda a, b: a + b),
    "SUB": (2, lambda a, b: a - b),
    "MUL": (2, lambda a, b: a * b),
    "DIV": (2, lambda a, b: a / b),
    "NEG": (1, lambda a: -a),
    "FMA": (3, lambda a, b, c: a * b + c),
}


def call(tool, arguments):
    try:
        result = FUNCTIONS[tool][1](*arguments)
    except ZeroDivisionError:
        return inf
    return result if all(map(isfinite, [*arguments, result])) else inf


def missing(frame):
    """How many arguments the pending tool has not got."""
    values, tool, _ = frame
    return FUNCTIONS[tool][0] - len(values)


class Calculator:
    """One episode. A frame is a list: the values, the name of the pending tool, whether one ran."""

    def __init__(self, tools, operands, *, depth, kinds=None, once=False, allow_unused=False):
        self.tools, self.operands, self.room = tools, operands, depth
        self.kinds, self.once, self.allow_unused, self.cursor = kinds, once, allow_unused, 0
        self.frame, self.memory = [[], None, False], []
        self.left = {str(key) for key, value in enumerate(operands) if not isnan(value)}
        self.existing = set(self.left)
        self.answered = False

    @property
    def accumulator(self):
        return self.frame[0][0] if self.frame[0] else nan

    def legal(self):
        return self._streamed() if self.kinds else self._addressed()

    def _addressed(self):
        values, tool, ran = self.frame
        ready = bool(values) and tool is None
        room = len(self.memory) < self.room
        if not self.once:
            keys = set(self.existing)
            keys.update(self.tools if ready else ())
            keys.update(["STO"] if values and room else ())
            keys.update(["RCL"] if ready and self.memory else ())
            return keys | ({"ANS"} if ready else set())
        # Every tool set aside gets one argument by `RCL`, and the others from the operands.
        left = len(self.left) - sum(map(missing, self.memory)) + len(self.memory)
        keys = set() if ready else set(self.left)
        if ready:
            keys.update(name for name in self.tools if left >= FUNCTIONS[name][0] - 1)
            keys.update(["RCL"] if self.memory and ran else ())
            done = ran if self.allow_unused else not left
            keys.update(["ANS"] if done and not self.memory else ())
        elif tool and left - (missing(self.frame) - 1) >= 2 and room:
            keys.add("STO")
        return keys

    def _streamed(self):
        values, tool, _ = self.frame
        kind, ready = self.kinds[self.cursor], bool(values) and tool is None
        room = len(self.memory) < self.room
        term = bool(self.memory) and self.memory[-1][1] is not None
        keys = set()
        if kind == "number" and not ready:
            keys.add("READ")
        if room and ((kind in ("number", "(") and tool) or (kind == "(" and not values)):
            keys.add("STO")
        if kind == "operator" and ready:
            keys.update(self.tools)
        if ready and ((term and kind in ("operator", ")", "end")) or (self.memory and kind == ")")):
            keys.add("RCL")
        return keys | ({"ANS"} if kind == "end" and ready else set())

    def press(self, key):
        if self.answered or key not in self.legal():
            return
        if key == "ANS":
            self.answered = True
        elif key == "STO":
            self.cursor += bool(self.kinds) and self.frame[1] is None
            self.memory.append(self.frame)
            self.frame = [[], None, False]
        elif key == "RCL":
            self._recall()
        elif key in self.tools:
            self.cursor += 1
            self._tool(key)
        else:
            index = self.cursor if key == "READ" else int(key)
            self.cursor += 1
            self.left.discard(key)
            self._enter(self.operands[index])

    def _recall(self):
        value, top = self.accumulator, self.memory.pop()
        if self.kinds and top[1] is None:  # a parenthesis is closed: the accumulator is kept
            self.cursor += 1
        else:
            self.frame = top
            self._enter(value)

    def _tool(self, name):
        if FUNCTIONS[name][0] == 1:
            self.frame = [[call(name, self.frame[0])], None, True]
        else:
            self.frame[1] = name

    def _enter(self, value):
        values, tool, ran = self.frame
        if tool is None:
            self.frame = [[value], None, ran]
            return
        values.append(value)
        if len(values) == FUNCTIONS[tool][0]:
            self.frame = [[call(tool, values)], None, True]


def press_keys(environment, problems, keys):
    """Press the keys (P, K) of every problem; which answers are right."""
    environment.reset(problems)
    for key in keys.T:
        environment.step(key)
    return environment.right
