"""A tray that is held until all is in it, so that what comes at once is done at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any

from rfl.exchange.tray import Tray


class Held(Executor):
    """Begins nothing until it is let go."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], object]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        self.waiting.append(lambda: fn(*args, **named))
        return Future()

    def let_go(self) -> None:
        while self.waiting:
            self.waiting.pop(0)()


@contextmanager
def held(tray: Tray[Any, Any]) -> Iterator[None]:
    """Whatever is put in for the block is done after it, in this thread."""
    usual, late = tray.threads, Held()
    tray.threads = late
    yield
    late.let_go()
    tray.threads = usual
