"""The course of a soak in which two offices work cases with each other."""

import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar

from rfl.errors import StorageBusy, StorageFailed, StorageFull
from rfl.storage.outbox import OutState
from tests.soak import agreement, findings, office
from tests.soak.course import Course
from tests.soak.findings import Findings
from tests.soak.node import OFFICE, Node

ROOMY = {"RFL_ATTEST_SECONDS": "1"}
QUIET_SECONDS = 6.0
LOOK_SECONDS = 2.0
TWO = "two owners, seen on the way"
_STRANGE = "not-yours"


@dataclass
class CaseCourse(Course):
    """Both open cases, ask, answer, change, close, withdraw, erase, hand over, carry letters.

    `letters` and `answers` of its plan are the cases that each of them opens.
    """

    writer: ClassVar[str] = OFFICE
    states: ClassVar[frozenset[str]] = frozenset({OutState.PROCESSED, OutState.REJECTED})
    seen_owners: Counter[str] = field(default_factory=Counter)
    _quiet_since: float | None = None
    _looked_at: float = 0.0

    def _befriend(self) -> None:
        super()._befriend()
        for here, there in ((self.north, self.south), (self.south, self.north)):
            with here.opened() as rt:
                office.hire(rt, here.home, there.code)

    def _written(self) -> int:
        return self._opened(self.north)

    def _is_settled(self) -> bool:
        """True once everything has arrived and nobody has had anything to do for a while."""
        goals = ((self.north, self.plan.letters), (self.south, self.plan.answers))
        counted = [self._counts(node) for node in self.nodes]
        arrived = all(one and set(one) <= self.states for one in counted)
        idle = all(self._idle(node) > 1 and self._opened(node) >= goal for node, goal in goals)
        if not (arrived and idle):
            self._quiet_since = None
        elif self._quiet_since is None:
            self._quiet_since = time.monotonic()
        since = self._quiet_since
        return since is not None and time.monotonic() - since > QUIET_SECONDS

    def _revive(self) -> None:
        super()._revive()
        if not self.plan.restores and time.monotonic() - self._looked_at > LOOK_SECONDS:
            self._look_at_owners()
            self._looked_at = time.monotonic()

    def _look_at_owners(self) -> None:
        """No case has two owners on the way either; a restored node forgets what it gave."""
        for giver, taker in ((self.north, self.south), (self.south, self.north)):
            with suppress(StorageBusy, StorageFailed, StorageFull):
                self.seen_owners[TWO] += agreement.two_owners(giver, taker)
                self.seen_owners["looks at owners"] += 1

    def _judged(self, seconds: float) -> Findings:
        found = super()._judged(seconds)
        north, south = (agreement.read(node) for node in self.nodes)
        counts, wrong = Counter[str](), Counter[str]()
        for name, here, there in (("skopje", north, south), ("belgrade", south, north)):
            agreed = agreement.compare(here, there)
            counts.update({f"{name}: {what}": count for what, count in agreed.counts.items()})
            wrong.update({f"{name}: {what}": count for what, count in agreed.wrong.items()})
        wrong[TWO] = self.seen_owners.pop(TWO, 0)
        reasons = findings.reasons(self.north, self.south)
        if not self.plan.restores:  # a node that was restored has forgotten what it had asked
            wrong["not theirs to say"] = sum(reasons[one] for one in reasons if _STRANGE in one)
        found.cases = dict(counts + self.seen_owners + reasons)
        found.case_disagreements = dict(+wrong)
        return found

    def _opened(self, node: Node) -> int:
        return self._size(node, "office.opened")

    def _idle(self, node: Node) -> int:
        file = node.home / office.IDLE
        said: Any = file.read_text() if file.exists() else ""
        return int(said or 0)

    def _size(self, node: Node, name: str) -> int:
        file = node.home / name
        return file.stat().st_size if file.exists() else 0
