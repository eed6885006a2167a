"""An agent of an ONNX folder, written from docs/sharing.md alone: numpy, onnxruntime, no inwit."""

import json
import math
import re
from pathlib import Path

import numpy as np
import onnxruntime

ARITHMETIC = {
    "ADD": lambda a, b: a + b,
    "SUB": lambda a, b: a - b,
    "MUL": lambda a, b: a * b,
    "DIV": lambda a, b: a / b,
    "NEG": lambda a: -a,
}
FAULT, LARGEST = math.inf, 2.0**1000


def is_number(value):
    return isinstance(value, (int, float))


class Frame:
    """A calculation under way."""

    def __init__(self):
        self.values, self.pending, self.ran = [], None, False


class Machine:
    """The machine of one problem."""

    def __init__(self, told, functions, operands, symbols, presses, frames):
        self.told, self.operands, self.symbols = told, operands, symbols
        self.functions = ARITHMETIC | functions
        self.arity = {tool["name"]: tool["arity"] for tool in told["tools"]}
        self.presses, self.frames = presses, frames
        self.frame, self.memory, self.used, self.cursor = Frame(), [], set(), 0
        self.answer, self.answered = None, False

    # --- what a key does ------------------------------------------------------------------------

    def press(self, key):
        kind, name = self.told["kinds"][key], self.told["keys"][key]
        if not self.legal()[key]:
            return
        if kind == "operand":
            self.used.add(int(name))
            self.enter(self.operands[int(name)])
        elif kind == "read":
            self.enter(self.operands[self.cursor])
            self.cursor += 1
        elif kind == "tool":
            if self.arity[name] == 1:
                self.frame.values = [self.call(name, self.frame.values)]
                self.frame.ran = True
            else:
                self.frame.pending = name
            self.cursor += self.told["stream"]
        elif kind == "store":
            self.cursor += self.told["stream"] and self.frame.pending is None
            self.memory.append(self.frame)
            self.frame = Frame()
        elif kind == "recall":
            top = self.memory.pop()
            if self.told["stream"] and top.pending is None:
                self.cursor += 1
            else:
                value, self.frame = self.frame.values[0], top
                self.enter(value)
        elif kind == "answer":
            self.answer, self.answered = self.frame.values[0], True

    def enter(self, value):
        frame = self.frame
        if frame.pending is None:
            frame.values = [value]
            return
        frame.values.append(value)
        if len(frame.values) == self.arity[frame.pending]:
            frame.values, frame.pending, frame.ran = (
                [self.call(frame.pending, frame.values)],
                None,
                1,
            )

    def call(self, name, values):
        try:
            result = FAULT if FAULT in values else self.functions[name](*values)
        except Exception:
            return FAULT
        return FAULT if is_number(result) and not abs(result) < LARGEST else result

    # --- when a key means something ---------------------------------------------------------------

    def legal(self):
        means = self.in_stream if self.told["stream"] else self.by_address
        return [
            not self.answered and means(kind, name)
            for kind, name in zip(self.told["kinds"], self.told["keys"], strict=True)
        ]

    def state(self):
        filled, waiting = bool(self.frame.values), self.frame.pending is not None
        return filled, waiting, filled and not waiting, len(self.memory) < self.frames

    def missing(self, frame):
        return 0 if frame.pending is None else self.arity[frame.pending] - len(frame.values)

    def by_address(self, kind, name):
        filled, waiting, ready, room = self.state()
        once, stored = self.told["once"], bool(self.memory)
        kept = sum(max(0, self.missing(frame) - 1) for frame in self.memory)
        left = len(self.operands) - len(self.used) - kept
        match kind:
            case "operand":
                there = int(name) < len(self.operands)
                return there and (not once or (int(name) not in self.used and not ready))
            case "tool":
                return ready and (not once or left >= self.arity[name] - 1)
            case "store":
                return (
                    filled and room and (not once or (waiting and left > self.missing(self.frame)))
                )
            case "recall":
                return ready and stored and (not once or bool(self.frame.ran))
            case "answer":
                over = self.frame.ran if self.told["allow_unused"] else left == 0
                return ready and (not once or (not stored and bool(over)))
        return False

    def in_stream(self, kind, name):
        filled, waiting, ready, room = self.state()
        under = self.kind_at(self.cursor)
        top = self.top()
        match kind:
            case "read":
                return under == "number" and not ready
            case "tool":
                return under == "operator" and ready
            case "store":
                opens = under == "open"
                return room and (
                    (waiting and (opens or under == "number")) or (not filled and opens)
                )
            case "recall":
                term = top == "term" and under in ("operator", "close", "end")
                return ready and (term or (top == "paren" and under == "close"))
            case "answer":
                return ready and under == "end"
        return False

    def kind_at(self, place):
        return (
            self.told["symbol_kinds"][self.symbols[place]] if place < len(self.symbols) else "end"
        )

    def top(self):
        if not self.memory:
            return "none"
        return "paren" if self.memory[-1].pending is None else "term"

    def seen(self, display):
        """What is seen, as numbers."""
        end = len(self.told["symbols"])
        at = [*self.symbols, end, end]
        shown = {"top": self.top(), "display": self.display(display)}
        names = [column["name"] for column in self.told["seen"]]
        numbers = []
        for name, column in zip(names, self.told["seen"], strict=True):
            if name in ("symbol", "next"):
                numbers.append(at[self.cursor + (name == "next")])
            else:
                numbers.append(column["values"].index(shown[name]))
        return numbers

    def display(self, display):
        if not self.frame.values:
            return "empty"
        value = self.frame.values[0]
        return "fault" if value == FAULT else display(value) if display else None


class Agent:
    """The agent of a folder."""

    def __init__(self, folder, functions=None, display=None):
        self.told = json.loads((Path(folder) / "agent.json").read_text(encoding="utf8"))
        self.begin, self.step = (
            onnxruntime.InferenceSession(str(Path(folder) / f"{name}.onnx"))
            for name in ("begin", "step")
        )
        self.functions, self.display = functions or {}, display

    def limit(self, name, symbols, level):
        """Presses or frames."""
        given = self.told[name]
        opened = sum(self.told["symbols"][symbol] == "(" for symbol in symbols)
        counts = {"always": 1, "symbol": len(symbols), "opened": opened, "level": level}
        value = sum(given.get(each, 0) * count for each, count in counts.items())
        return max(given.get("least", 0), value)

    def solve(self, symbols, operands, level):
        """The keys of a greedy episode, and the answer; None where none was given."""
        told, stream = self.told, self.told["stream"]
        presses, frames = (self.limit(name, symbols, level) for name in ("presses", "frames"))
        machine = Machine(told, self.functions, operands, symbols, presses, frames)
        prompt = {"level": np.array([level if told["shows_level"] else 0])}
        if not stream:
            prompt["symbols"] = np.array([symbols], dtype=np.int64)
        memory = self.begin.run(None, prompt)
        previous, pressed = told["keys"].index("CTX"), []
        for _ in range(presses):
            legal = machine.legal()
            if not any(legal):
                break
            offered = legal if told["masks"] else [kind != "never" for kind in told["kinds"]]
            given = {
                "previous": np.array([previous]),
                "seen": np.array([machine.seen(self.display)], dtype=np.int64).reshape(1, -1),
                "legal": np.array([offered]),
            } | {f"memory_{place}": part for place, part in enumerate(memory)}
            inputs = {each.name for each in self.step.get_inputs()}
            scores, _, *memory = self.step.run(
                None, {name: part for name, part in given.items() if name in inputs}
            )
            previous = int(np.where(offered, scores[0], -np.inf).argmax())
            machine.press(previous)
            pressed.append(told["keys"][previous])
            if machine.answered:
                break
        return " ".join(pressed), machine.answer

    # --- how a problem is written -----------------------------------------------------------------

    def stage(self, text, forms=("a*b+c", "(a*b+c)-d", "(a*b+c)-(d*e)")):
        digits = [int(each) for each in re.findall(r"\d", text)]
        level = [re.sub("[a-z]", "#", form) for form in forms].index(re.sub(r"\d", "#", text))
        symbols = [self.told["symbols"].index(str(digit)) for digit in digits]
        return self.solve(symbols, [float(digit) for digit in digits], level)

    def expression(self, text):
        parts = re.findall(r"(?<![\d)])-?\d+\.?\d*|[-+*/()]", text)
        numbers = [float(part) if part[-1].isdigit() else None for part in parts]
        symbols = [
            self.told["symbols"].index(part if number is None else "n")
            for part, number in zip(parts, numbers, strict=True)
        ]
        count = sum(number is not None for number in numbers)
        operands = numbers if self.told["stream"] else [n for n in numbers if n is not None]
        return self.solve(symbols, operands, count - 1)

    def prompt(self, template, operands, level):
        names, unknown = self.told["symbols"], len(self.told["symbols"])
        symbols = [names.index(part) if part in names else unknown for part in split(template)]
        return self.solve(symbols, operands, level)


def split(template):
    """Words, places, and gaps that are not one space."""
    parts = re.findall(r"\{\d+\}|(?:\{\{|\}\}|[^{}\s])+|\s+", template)
    found = []
    for place, part in enumerate(parts):
        if part == " " and 0 < place < len(parts) - 1:
            continue
        if place and not part.isspace() and not parts[place - 1].isspace():
            found.append("")
        found.append(part)
    return found
