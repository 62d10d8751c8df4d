"""What runs beside the requests of a node: following, matching, tidying, sequencing."""

import logging
import threading
import time
from dataclasses import dataclass, field

from rfl.errors import RflError
from rfl.flows.follow import catch_up, load_pools
from rfl.flows.propose import propose_waiting
from rfl.flows.runtime import Runtime
from rfl.flows.sequence import checkpoint_due, sequence_waiting, sign_checkpoint
from rfl.flows.tell import tell_due
from rfl.flows.tidy import tidy

IDLE_SECONDS = 0.25
TIDY_SECONDS = 600.0
SEQUENCE_SECONDS = 0.5

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Background:
    """Threads that end soon after `stop`. `ready` is set once the pools are loaded."""

    rt: Runtime
    matching: bool = True
    ready: threading.Event = field(default_factory=threading.Event)
    _ending: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Start tidying and the log's sequencing, and matching unless another process does it."""
        if not self.matching:
            self.ready.set()
        always = (self._tidy, self._sequence)
        for work in (self._match, *always) if self.matching else always:
            thread = threading.Thread(target=work, name=f"rfl-{work.__name__}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, timeout: float = 20.0) -> None:
        """Let what is under way finish, then end."""
        self._ending.set()
        for thread in self._threads:
            thread.join(timeout)

    def _match(self) -> None:
        position = None
        while not self._ending.is_set():
            try:
                if position is None:
                    began = time.monotonic()
                    position = load_pools(self.rt)
                    self.ready.set()
                    more = {"count": len(self.rt.pools), "seconds": time.monotonic() - began}
                    log.info("pools loaded", extra=more)
                before = position
                position = catch_up(self.rt, position)
                done = propose_waiting(self.rt, position)
                if position == before and not done:
                    self._ending.wait(IDLE_SECONDS)
            except Exception as error:  # noqa: BLE001 (the loop must outlive any one failure)
                self._note(error, "matching failed, will try again")

    def _tidy(self) -> None:
        while not self._ending.wait(TIDY_SECONDS):
            try:
                tell_due(self.rt)
                tidy(self.rt)
            except Exception as error:  # noqa: BLE001 (the loop must outlive any one failure)
                self._note(error, "tidying failed, will try again")

    def _sequence(self) -> None:
        while not self._ending.wait(SEQUENCE_SECONDS):
            try:
                sequence_waiting(self.rt)
                if checkpoint_due(self.rt):
                    sign_checkpoint(self.rt)
            except Exception as error:  # noqa: BLE001 (the loop must outlive any one failure)
                self._note(error, "sequencing failed, will try again")

    def _note(self, error: Exception, event: str) -> None:
        code = error.code if isinstance(error, RflError) else type(error).__name__
        log.error(event, extra={"code": code}, exc_info=not isinstance(error, RflError))
        self._ending.wait(2.0)


def settle(rt: Runtime) -> int:
    """Follow and match in this thread until nothing waits; return how many changes were matched.

    For commands and tests, which have no background. The pools are loaded anew.
    """
    position, total = load_pools(rt), 0
    while True:
        position = catch_up(rt, position)
        done = propose_waiting(rt, position)
        total += done
        if not done:
            return total
