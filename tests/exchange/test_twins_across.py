"""P-03 across nodes: a case that Belgrade ends by a refusal and by nothing found, over 400 days.

What is compared is everything that the asking node and the CTA have, which was asked as well and
witnesses Belgrade's log, and every call between them: who, when, in what order and how large.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from rfl.background import answer_waiting
from rfl.domain.access import Verb
from rfl.domain.consent import Use
from rfl.domain.states import Outside
from rfl.domain.told import Told
from rfl.domain.transmission import Transmission
from rfl.flows import appoint, transmit
from rfl.flows.carry_log import LogCarrier
from rfl.flows.erase import erase_case
from rfl.flows.runtime import MATCHER_CALL, OFFICE_CALL
from rfl.flows.sequence import sequence_waiting, sign_checkpoint
from rfl.flows.withdraw import withdraw_consent
from rfl.flows.witness_log import offer_to_all
from rfl.storage import journals
from rfl.storage.told import keep_told
from tests.exchange.across import (
    VISITS,
    answering,
    assess,
    days_pass,
    letters_cross,
    recalls_of,
    shared_request,
)
from tests.exchange.network import Society, Switch, societies
from tests.flows.test_twins import ENDINGS, ID, Step, rows_of
from tests.office import Desk, open_desk
from tests.support import SUPERVISOR, Clock

STRIDE, STEPS = 9, 45
"""Sealing keys are renewed ten days before their end, so days pass in no greater strides."""

ASSESSED_EVERY, WORKED_IN, WITHDRAWN_IN = 10, (2, 3, 4), 33
LOOKED_IN = (*WORKED_IN, 19, 20, 21, 33, 34)
"""Around the work, the answer date and the withdrawal; what is kept, is kept until then."""

STREAM = re.compile(r"'stream': [0-7]\b")
RANDOM = re.compile(r"\b(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,}")
CHANCE = re.compile(
    r"'(nonce|key)': '[^']*'|^{'seq': [0-9]+(?=, 'at')|(?<='log_id': 'key'), 'seq': [0-9]+"
)
Leak = Callable[["World"], object]


@dataclass
class World:
    """Skopje asks, Belgrade and the CTA search, and the CTA witnesses Belgrade's log."""

    skopje: Society
    belgrade: Society
    cta: Society
    clock: Clock
    asking: Desk = field(init=False)
    searching: Desk = field(init=False)
    sent: dict[str, str] = field(init=False)

    @property
    def all(self) -> tuple[Society, Society, Society]:
        """Every society."""
        return self.skopje, self.belgrade, self.cta

    def begin(self) -> None:
        """Ask both, who accept."""
        self.judge_each_other()
        page, theirs = (appoint.view_watch(one.rt, OFFICE_CALL) for one in self.all[1:])
        appoint.appoint(self.cta.rt, OFFICE_CALL, "belgrade", page.log_key)
        appoint.appoint(self.belgrade.rt, OFFICE_CALL, "cta", theirs.witness_key)
        day = self.skopje.rt.today()
        request = shared_request(day, "belgrade", "cta")
        self.asking = desk = open_desk(self.skopje.rt, request).judged().accepted()
        self.sent = {}
        for peer in ("belgrade", "cta"):
            asked = Transmission(peer, VISITS, day + timedelta(days=90))
            ref = transmit.queue_transmission(desk.rt, desk.officer, desk.case, asked)
            self.sent[peer] = ref
        letters_cross(*self.all)
        self.searching = answering(self.belgrade).accept()
        answering(self.cta).accept()
        letters_cross(*self.all)

    def judge_each_other(self) -> None:
        """Let each judge the others' data protection, for half a year."""
        for one in self.all:
            for other in self.all:
                if one is not other:
                    assess(one, other)

    def withdraw(self) -> None:
        """Let the enquirer take back what was agreed."""
        desk, share = self.asking, frozenset({Use.SHARE})
        withdraw_consent(desk.rt, desk.officer, desk.case, desk.version, share)

    def days_pass(self) -> None:
        """Let days pass on all nodes; the CTA cosigns what Belgrade's log has become."""
        days_pass(self.clock, STRIDE, *self.all, stride=STRIDE)
        belgrade = self.belgrade.rt
        sequence_waiting(belgrade)
        sign_checkpoint(belgrade, padded=True)
        offer_to_all(belgrade, LogCarrier(belgrade))
        for one in (self.belgrade, self.cta):
            one.deliver()
            answer_waiting(one.rt)

    def passed(self) -> list[str]:
        """What has passed since the last time, in order between each two: whom first is chance."""
        seen = []
        for one in self.all:
            assert isinstance(one.line, Switch)
            seen += sorted(one.line.passed, key=lambda each: each.recipient)
            one.line.passed.clear()
        return list(map(str, seen))

    def kept(self) -> list[str]:
        """All that the two others have, and what people in Skopje read of the case."""
        seen = []
        for one in (self.skopje, self.cta):
            for table, rows in rows_of(one.rt):
                seen += sorted(f"{one.network.code} {table} {_plain(row)}" for row in rows)
        return [*seen, *map(_plain, self._read())]

    def _read(self) -> Iterator[object]:
        """What people in Skopje read of the case."""
        desk = self.asking
        yield desk.file.outcomes[0].told
        for ref in self.sent.values():
            view = transmit.read_transmission(desk.rt, desk.officer, ref)
            sent = view.transmission
            yield view.row.due_at, sent.state, sent.answer_on, sent.reason, sent.results
        yield recalls_of(self.skopje)
        yield appoint.view_watch(self.cta.rt, OFFICE_CALL).as_json()["watched"]


def _plain(row: object) -> str:
    """Without what is random: ids by kind, keys and nonces, streams by whether control's.

    Which society is served first at a moment is chance too, so no entry's number counts.
    """
    text = ID.sub(lambda found: found[0][:3], str(row))
    text = CHANCE.sub("", text)
    text = RANDOM.sub(lambda found: f"<{len(found[0])}>", text)
    return STREAM.sub("'stream': 'case'", text)


def lived(
    world: World, steps: list[Step], count: int = STEPS, leak: Leak | None = None
) -> list[list[str]]:
    """Let Belgrade work the case to its end in the first days; what was seen each time."""
    world.begin()
    desk, version, seen = world.searching, world.searching.journal.version, []
    person, enquirer = desk.person, desk.request.enquirer.id
    for at in range(1, count + 1):
        if at % ASSESSED_EVERY == 0:
            world.judge_each_other()
        if at in WORKED_IN:
            version = steps[at - WORKED_IN[0]](desk, person, enquirer, version)
        if at == WORKED_IN[-1] and leak is not None:
            leak(world)
        if at == WITHDRAWN_IN:
            world.withdraw()
        world.days_pass()
        looks = at in LOOKED_IN or at == count
        seen.append(world.passed() + (world.kept() if looks else []))
    return seen


def twin(
    template: Path, folder: Path, ending: str, count: int = STEPS, leak: Leak | None = None
) -> list[list[str]]:
    folder.mkdir()
    clock = Clock()
    with societies(template, folder, clock, "skopje", "belgrade", "cta") as made:
        world = World(*made, clock)
        seen = lived(world, ENDINGS[ending], count, leak)
        if count == STEPS:
            assert sorted(recalls_of(world.skopje)) == [("belgrade", True), ("cta", True)]
            assert world.asking.outcome.told.outcome is Outside.ENDED_WITHOUT_INFORMATION
    return seen


@pytest.fixture(scope="module")
def not_located(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    return twin(sqlite_template, tmp_path_factory.mktemp("twin") / "one", "not located")


def differing(one: list[list[str]], other: list[list[str]]) -> list[int]:
    """The times at which the two differ."""
    pairs = zip(one, other, strict=False)
    return [at for at, (mine, twins) in enumerate(pairs, 1) if mine != twins]


@pytest.mark.slow
def test_p03_no_other_node_can_tell_a_refusal_from_nothing_found_over_400_days(
    sqlite_template: Path, tmp_path: Path, not_located: list[list[str]]
) -> None:
    refused = twin(sqlite_template, tmp_path / "two", "refuses")
    assert len(refused) * STRIDE > 400
    for mine, twins in zip(refused, not_located, strict=True):
        assert mine == twins


def erase(world: World) -> None:
    """Erase the case in Belgrade, as who was found, and refused, asks for it."""
    rt, branch = world.belgrade.rt, world.belgrade.network.branch
    call = replace(SUPERVISOR, actor=replace(SUPERVISOR.actor, branch=branch))
    erase_case(rt, call, world.searching.case, "data_subject_request")


@pytest.mark.soak
def test_p03_nor_an_erasure_after_a_refusal(
    sqlite_template: Path, tmp_path: Path, not_located: list[list[str]]
) -> None:
    erased = twin(sqlite_template, tmp_path / "two", "refuses", leak=erase)
    for mine, twins in zip(erased, not_located, strict=True):
        assert mine == twins


def tell_now(world: World) -> None:
    """Tell the end of a search on the day of the refusal: the bug that P-03 forbids."""
    ended, desk = Told(Outside.ENDED_WITHOUT_INFORMATION), world.searching
    person = desk.person
    with world.belgrade.rt.begin(MATCHER_CALL, Verb.CASE_TELL) as work:
        work.require()
        found = journals.whole(work, desk.case)
        file = found.file.with_told(person, ended, work.today)
        keep_told(work, found.row, file)


LEAKS: dict[str, Leak] = {
    "a letter of no content": lambda world: world.belgrade.write(world.skopje),
    "a letter that is longer": lambda world: world.belgrade.write(world.cta, "x" * 20_000),
    "the end before its day": tell_now,
}


@pytest.mark.parametrize("leak", LEAKS)
def test_the_comparison_sees_a_leak(
    sqlite_template: Path, tmp_path: Path, not_located: list[list[str]], leak: str
) -> None:
    count = WORKED_IN[-1]
    leaked = twin(sqlite_template, tmp_path / "two", "refuses", count, LEAKS[leak])
    assert differing(leaked, not_located) == [count]
