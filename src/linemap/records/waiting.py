"""Long work on an engine: told of while it runs, and stopped where its user stops it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from threading import Thread
from typing import Final, Protocol, TypeVar

Result = TypeVar("Result")
_LOOK: Final = 0.1  # seconds between two looks at the work
_END: Final = 0.5  # seconds in which work that is stopped may end


class Tell(Protocol):
    """Who is told what is being done, and how many of the things of a step are done."""

    def __call__(self, step: str, done: int | None = None, of: int | None = None) -> None:
        """Hear of a step, of `done` things of it, and `of` how many; None is not known."""


def nobody(step: str, done: int | None = None, of: int | None = None) -> None:
    """Tell nobody."""


def wait_for(
    work: Callable[[], Result], *, stop: Callable[[], None], look: Callable[[], None]
) -> Result:
    """Do the work of an engine in a thread of its own, and return or raise what it does.

    While it is at work `look` is called ten times a second, to tell how far it is. Ctrl-C calls
    `stop`, which interrupts the engine, and is raised when this has ended, or half a second later.
    """
    result: Future[Result] = Future()

    def done() -> None:
        try:
            result.set_result(work())
        except BaseException as error:  # raised where the result is waited for
            result.set_exception(error)

    thread = Thread(target=done, daemon=True)
    thread.start()
    try:
        while True:
            try:
                return result.result(_LOOK)
            except NotYet:
                if result.done():
                    raise
                look()
    except KeyboardInterrupt:
        stop()
        thread.join(_END)
        raise
