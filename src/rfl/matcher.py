"""Matching as a loop: load who may be matched, follow changes, propose, compare some anew.

Every process that searches holds the index and follows changes; one of them proposes.

It runs beside the requests of a node (`background.py`), or alone in a process of its own, which on
PostgreSQL needs the matcher's role and no more.
"""

import logging
import secrets
import threading
import time
from dataclasses import dataclass, field

from rfl.errors import LockedDown, RflError
from rfl.flows.follow import Position, catch_up, load_pools
from rfl.flows.propose import propose_waiting, rematch_some
from rfl.flows.reconcile import keep_key_use, watch_rate
from rfl.flows.rematch import begin_rematch
from rfl.flows.runtime import Runtime

IDLE_SECONDS = 0.25
WATCH_SECONDS = 15.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Matcher:
    """Matches until `ending` is set. `ready` is set once the pools are loaded.

    Without `proposes` it follows changes alone, so that searches find everybody.
    """

    rt: Runtime
    ending: threading.Event
    ready: threading.Event = field(default_factory=threading.Event)
    proposes: bool = True

    def run(self) -> None:
        """Match; whatever fails is noted and tried again."""
        position, holder = None, secrets.token_hex(12)
        while not self.ending.is_set():
            try:
                if position is None:
                    position = self._load()
                before = position
                position = catch_up(self.rt, position)
                done = propose_waiting(self.rt, position) if self.proposes else 0
                if position == before and not done:
                    self.ending.wait(self._rematch(holder) if self.proposes else IDLE_SECONDS)
            except Exception as error:  # noqa: BLE001 (the loop must outlive any one failure)
                note_failure(error, "matching failed, will try again", self.ending)

    def _rematch(self, holder: str) -> float:
        """Compare some anew, and return for how long to rest: requests go first."""
        began = time.monotonic()
        if rematch_some(self.rt, holder):
            return min(time.monotonic() - began, IDLE_SECONDS)
        return IDLE_SECONDS

    def _load(self) -> Position:
        began = time.monotonic()
        position = load_pools(self.rt)
        if self.proposes:
            begin_rematch(self.rt)
        self.ready.set()
        more = {"count": len(self.rt.pools), "seconds": time.monotonic() - began}
        log.info("pools loaded", extra=more)
        return position


def match_alone(rt: Runtime, ending: threading.Event) -> None:
    """Match, and keep the count of the keys that this process uses, until `ending` is set."""
    thread = threading.Thread(target=Matcher(rt, ending).run, name="rfl-match", daemon=True)
    thread.start()
    while not ending.wait(WATCH_SECONDS):
        _keep_count(rt, ending)
    thread.join()
    _keep_count(rt, ending)


def _keep_count(rt: Runtime, ending: threading.Event) -> None:
    for step in (keep_key_use, watch_rate):
        try:
            step(rt)
        except RflError as error:
            note_failure(error, "the counts could not be kept", ending)


def note_failure(error: Exception, event: str, ending: threading.Event) -> None:
    """Log a failure by its code, and rest before what failed is tried again."""
    code = error.code if isinstance(error, RflError) else type(error).__name__
    log.error(event, extra={"code": code}, exc_info=not isinstance(error, RflError))
    ending.wait(WATCH_SECONDS if isinstance(error, LockedDown) else 2.0)
