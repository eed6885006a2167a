"""Tasksets of verifiers 0.4: sums, graded by a number and by a substring."""

import re

import verifiers.v1 as vf


class SumData(vf.TaskData):
    answer: str = ""


class Exact(vf.Task[SumData]):
    @vf.reward
    async def right(self, trace: vf.Trace) -> float:
        found = re.findall(r"-?\d+(?:\.\d+)?", trace.last_reply)
        return float(bool(found) and float(found[-1]) == float(self.data.answer))


class Contained(vf.Task[SumData]):
    @vf.reward
    async def right(self, trace: vf.Trace) -> float:
        return float(self.data.answer in trace.last_reply)


def rows():
    return [(17 * n + 11, 13 * n + 12) for n in range(24)]


class Sound(vf.Taskset[Exact]):
    def load(self):
        return [
            Exact(SumData(prompt=f"What is {a} + {b}? Answer with a number.", answer=str(a + b)))
            for a, b in rows()
        ]


class Substring(vf.Taskset[Contained]):
    def load(self):
        return [
            Contained(
                SumData(prompt=f"What is {a} + {b}? Answer with a number.", answer=str(a + b))
            )
            for a, b in rows()
        ]
