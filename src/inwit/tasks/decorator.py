"""`@inwit.task`: makes a task of a function that draws problems."""

from collections.abc import Callable, Iterable, Sequence

from inwit.errors import InvalidOption
from inwit.tasks.free_text import Parse
from inwit.tasks.function_task import Draw, FunctionTask
from inwit.tasks.observations import Sight, read_sights
from inwit.tasks.prompts import Problem
from inwit.tools import Tool, described, tool


def task(
    given: None = None,
    /,
    *,
    tools: Iterable[Tool | Callable[..., object]] = (),
    presses: int | None = None,
    memory: int | None = None,
    once: bool | None = None,
    tolerance: float = 1e-9,
    verify: Callable[[object, Problem], bool] | None = None,
    shown: Sequence[str] = (),
    display: Callable[[object], str] | None = None,
    sees: Sight | Sequence[Sight] = (),
    parse: Parse | None = None,
) -> Callable[[Draw], FunctionTask]:
    """Make a task from a function that draws one problem; the options are `FunctionTask`'s fields.

    Raises:
        InvalidOption: it was written without its options, a number is out of range, one of `shown`
            and `display` is missing, `sees` has something that is neither a word nor a function, or
            `parse`, `verify` or `display` is not a function.
    """
    if given is not None:
        raise InvalidOption("write @inwit.task(tools=[...]) above the function, with its tools")
    functions = {
        "parse": (parse, "from text to operand"),
        "verify": (verify, "from answer and problem to whether it is right"),
        "display": (display, "from value to name"),
    }
    for name, (function, kind) in functions.items():
        if function is not None and not callable(function):
            raise InvalidOption(f"{name} is {described(function)}: a function {kind}")
    return lambda draw: FunctionTask(
        draw=draw,
        name=getattr(draw, "__name__", type(draw).__name__),
        tools=_tools(tools),
        presses=presses,
        memory=memory,
        once=once,
        tolerance=tolerance,
        verify=verify,
        shown=tuple(shown),
        display=display,
        sees=read_sights(sees),
        parse_operand=parse,
    )


def _tools(given: object) -> tuple[Tool, ...]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InvalidOption(f"tools is {described(given)}: it must be a list, such as [add]")
    return tuple(each if isinstance(each, Tool) else tool(each) for each in given)
