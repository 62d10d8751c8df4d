"""What is put in while something is done is done next, all together: nobody waits in a thread."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from typing import Generic, TypeVar

_Thing = TypeVar("_Thing")
_Got = TypeVar("_Got")


class Tray(Generic[_Thing, _Got]):
    """Things are done in the order in which they were put in, by one thread of `threads` at a time.

    `do` returns for each thing that it is given what its future is to hold, in their order: an
    exception is raised there. `fitting` says how many of those that lie here are done together.
    After each lot others have their turn on the thread.
    """

    def __init__(
        self,
        do: Callable[[Sequence[_Thing]], Sequence[_Got | BaseException]],
        fitting: Callable[[Sequence[_Thing]], int],
        threads: Executor,
    ) -> None:
        self.threads = threads
        self._do, self._fitting = do, fitting
        self._lock = threading.Lock()
        self._lying: list[tuple[_Thing, Future[_Got]]] = []
        self._is_begun = False

    def put(self, thing: _Thing) -> Future[_Got]:
        """Put a thing in; return what will hold what became of it."""
        done: Future[_Got] = Future()
        with self._lock:
            self._lying.append((thing, done))
            is_begun, self._is_begun = self._is_begun, True
        if not is_begun:
            self.threads.submit(self._work)
        return done

    def _work(self) -> None:
        """Do one lot."""
        with self._lock:
            many = self._fitting([thing for thing, _done in self._lying])
            lot, self._lying = self._lying[:many], self._lying[many:]
        # Whoever has gone away since gets nothing, and what it put in is not begun.
        lot = [(thing, done) for thing, done in lot if done.set_running_or_notify_cancel()]
        for (_thing, done), got in zip(lot, self._done([thing for thing, _ in lot]), strict=True):
            if isinstance(got, BaseException):
                done.set_exception(got)
            else:
                done.set_result(got)
        with self._lock:
            self._is_begun = bool(self._lying)
            goes_on = self._is_begun
        if goes_on:
            self.threads.submit(self._work)

    def _done(self, things: Sequence[_Thing]) -> Sequence[_Got | BaseException]:
        try:
            return self._do(things) if things else []
        except BaseException as failure:  # noqa: BLE001 (it is raised where the things came from)
            return [failure] * len(things)
