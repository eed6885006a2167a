"""What can be the tools of a task: they are refused where the task is made."""

import inspect

import pytest

import inwit
from inwit.errors import InvalidOption
from inwit.machine.rules import Rules, check_tools
from inwit.tasks import FunctionTask
from inwit.tools import ADD
from tests.tools.test_signatures import Scale, double, later, only


def problem(draw):
    return inwit.Problem(prompt="double {0}", operands=(draw.randrange(999),), answer=0)


def test_a_function_among_the_tools_becomes_one():
    task = inwit.task(tools=[ADD, double, Scale()])(problem)
    assert [tool.name for tool in task.tools] == ["ADD", "DOUBLE", "SCALE"]
    assert inwit.task(tools=(each for each in [double]))(problem).tools[0].name == "DOUBLE"


@pytest.mark.parametrize(
    ("tools", "why"),
    [
        ([], "tools: none"),
        ([ADD, ADD], "tools: ADD occurs more than once"),
        ([double, inwit.tool(name="double")(only)], "tools: DOUBLE occurs more than once"),
        ([later], "'later' is async"),
        ([3], "the int 3 is not a tool"),
        ("add", "tools is the str 'add': it must be a list"),
        (double, "tools is the function"),
        (ADD, "tools is the Tool"),
        (None, "tools is the NoneType None"),
    ],
)
def test_what_cannot_be_the_tools_of_a_task_is_refused_where_the_task_is_made(tools, why):
    with pytest.raises(InvalidOption) as refused:
        inspect.unwrap(inwit.task)(tools=tools)(problem)  # the tests check types on the way in
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_machine_checks_its_tools():
    with pytest.raises(InvalidOption, match=r"double.*is not a tool: write @inwit\.tool above it"):
        inspect.unwrap(check_tools)((ADD, double))
    for made in (
        lambda: FunctionTask(draw=problem, name="task", tools=()),
        lambda: Rules(tools=()),
    ):
        with pytest.raises(InvalidOption, match="tools: none"):
            made()
