"""What several threads bring at about the same time is done at once, by one of them."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

PATIENCE_SECONDS: Final = 0.005

_Thing = TypeVar("_Thing")
_Got = TypeVar("_Got")


@dataclass(slots=True, eq=False)
class _Brought(Generic[_Thing, _Got]):
    """What one thread has brought; then what it gets for it, or why it gets nothing."""

    thing: _Thing
    got: list[_Got] = field(default_factory=list)
    failure: BaseException | None = None


class Gathering(Generic[_Thing, _Got]):
    """Half of those who take part are waited for, but never long; what they brought is done then.

    So who is alone is not kept waiting, and while one half is served the other half is at work.
    `do` returns something for each thing that it is given, in their order. What it raises is raised
    in every thread whose thing was among them.
    """

    def __init__(self, do: Callable[[Sequence[_Thing]], Sequence[_Got]]) -> None:
        self._do = do
        self._turn, self._changed = threading.Lock(), threading.Condition()
        self._waiting: list[_Brought[_Thing, _Got]] = []
        self._members = 0

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Take part for the block."""
        self._join(1)
        try:
            yield
        finally:
            self._join(-1)

    def bring(self, thing: _Thing) -> _Got:
        """Return what this thing got, once it is done."""
        mine: _Brought[_Thing, _Got] = _Brought(thing)
        with self._changed:
            self._waiting.append(mine)
            self._changed.notify_all()
        with self._turn:
            while not mine.got and mine.failure is None:
                self._do_all()
        if mine.failure is not None:
            raise mine.failure
        return mine.got[0]

    def _join(self, members: int) -> None:
        with self._changed:
            self._members += members
            self._changed.notify_all()

    def _do_all(self) -> None:
        with self._changed:
            self._changed.wait_for(self._are_enough, PATIENCE_SECONDS)
            brought, self._waiting = self._waiting, []
        try:
            every = self._do([one.thing for one in brought])
            for one, got in zip(brought, every, strict=True):
                one.got.append(got)
        except BaseException as failure:  # noqa: BLE001 (it is raised where the things came from)
            for one in brought:
                one.failure = failure

    def _are_enough(self) -> bool:
        return len(self._waiting) >= self._members / 2
