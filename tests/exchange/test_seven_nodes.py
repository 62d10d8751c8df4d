"""Seven nodes, and one family spread over four of them: found, told, written to, withdrawn."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from itertools import combinations, permutations
from pathlib import Path

import pytest

from rfl.audit.compare import compare
from rfl.audit.verify import verify
from rfl.background import settle
from rfl.domain.answer import Item
from rfl.domain.consent import Use
from rfl.domain.journal import Lead
from rfl.domain.match import MatchKind, MatchState
from rfl.domain.message import Message
from rfl.domain.person import Person, Sex
from rfl.domain.purpose import Purpose
from rfl.domain.request import TracingRequest
from rfl.domain.states import MessageState, Outside, TransmissionState
from rfl.domain.transmission import Transmission, WhyReturned
from rfl.errors import Erased
from rfl.exchange.receipt import ReceiptStatus, verify_by_any
from rfl.flows import answer_request, seek, transmit
from rfl.flows import carry_message as carry
from rfl.flows.decide import decide_match, list_matches
from rfl.flows.enrol import add_registration
from rfl.flows.export_log import export_log
from rfl.flows.know_peers import own_descriptor, parse_descriptor
from rfl.flows.list_post import list_post
from rfl.flows.ping import receipt_of
from rfl.flows.runtime import OFFICE_CALL
from rfl.flows.send_message import (
    Way,
    check_message,
    collect_message,
    list_messages,
    read_message,
    transmit_message,
)
from rfl.flows.withdraw import withdraw_consent
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
from tests.flows.test_messages import LETTER
from tests.office import Desk, make_account, open_desk
from tests.support import OFFICER, Clock, make_person, make_registration

CODES = ("skopje", "belgrade", "ljubljana", "zagreb", "podgorica", "sofia", "cta")
Nodes = dict[str, Society]
TOLD = (Item.ASKING_SOCIETY_MAY_KNOW, Item.ALIVE_AND_WELL)


@pytest.fixture
def nodes(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Nodes]:
    with societies(sqlite_template, tmp_path, clock, *CODES) as made:
        for one, other in permutations(made, 2):
            assess(one, other)
        yield dict(zip(CODES, made, strict=True))


def son() -> Person:
    return make_person("Ali Hosseini", sex=Sex.MALE, birth="1990-04-12")


def mother() -> Person:
    return make_person("Maryam Hosseini", sex=Sex.FEMALE, birth="1961")


def father() -> Person:
    return make_person("Hassan Hosseini", sex=Sex.MALE, birth="1958-02-03")


def sister() -> Person:
    return make_person("Zahra Hosseini", sex=Sex.FEMALE, birth="1994")


def sought(here: Society, who: Person, whom: tuple[Person, ...], *peers: str) -> Desk:
    """A case of a family member, with a request to each of these societies."""
    day = here.rt.today()
    request: TracingRequest = shared_request(day, *peers, enquirer=who)
    people = tuple(replace(request.sought[0], person=one) for one in whom)
    desk = open_desk(here.rt, replace(request, sought=people)).judged().accepted()
    for peer in peers:
        asked = Transmission(peer, VISITS, day + timedelta(days=90))
        transmit.queue_transmission(here.rt, desk.officer, desk.case, asked)
    return desk


def found(desk: Desk, who: int, kind: MatchKind) -> Desk:
    """Confirm what the matcher proposes for a sought person; a second of the team verifies it."""
    settle(desk.rt)
    person = desk.journal.searches[who].person
    views = list_matches(desk.rt, desk.searcher, desk.case)
    match = next(
        one.row
        for one in views
        if one.evidence.kind is kind and person in (one.row.left_person, one.row.right_person)
    )
    said = (MatchState.CONFIRMED, "She named the goat.")
    decide_match(desk.rt, desk.searcher, match.id, match.version, *said)
    lead = Lead(desk.rt.clock(), desk.searcher.actor.id, match.id, "A confirmed match")
    seek.open_lead(desk.rt, desk.searcher, desk.case, desk.journal.version, (person, lead))
    seek.verify_lead(desk.rt, desk.second, desk.case, desk.journal.version, person)
    return desk


def heard(desk: Desk) -> list[Outside]:
    return [one.told.outcome for one in desk.file.outcomes]


def sent(desk: Desk) -> dict[str, TransmissionState]:
    """What has become of the request to each society."""
    rows = transmit.transmissions_of(desk.rt, desk.officer, desk.case)
    views = [transmit.read_transmission(desk.rt, desk.officer, row.id) for row in rows]
    return {one.transmission.peer: one.transmission.state for one in views}


def refused(here: Society, state: TransmissionState, why: WhyReturned) -> None:
    there = answering(here)
    row = there.waiting()[0]
    answer_request.refuse_received(here.rt, there.officer, row.id, row.version, (state, why))


def switch(society: Society) -> Switch:
    assert isinstance(society.line, Switch)
    return society.line


def test_a_family_over_four_countries_is_found_and_everything_verifies(
    nodes: Nodes, clock: Clock
) -> None:
    skopje, belgrade, ljubljana, zagreb, podgorica, sofia, cta = everyone = tuple(nodes.values())
    local = make_account(belgrade.rt, branch=belgrade.network.branch)
    add_registration(belgrade.rt, local, make_registration(mother()))
    others = ("belgrade", "zagreb", "podgorica", "sofia", "cta")
    his = sought(skopje, son(), (mother(), father()), *others)
    hers = sought(ljubljana, sister(), (mother(),), "belgrade")
    fathers = sought(zagreb, father(), (son(),), "skopje")
    switch(skopje).away.add("zagreb")
    letters_cross(*everyone)
    assert answering(zagreb).waiting() == []
    switch(skopje).away.clear()
    clock.move(minutes=2)
    letters_cross(*everyone)

    refused(podgorica, TransmissionState.DECLINED, WhyReturned.NOT_OUR_COUNTRY)
    refused(sofia, TransmissionState.RETURNED_FOR_INFORMATION, WhyReturned.MORE_ON_PERSON)
    answering(cta).accept()
    first, second = answering(belgrade).accept(), answering(belgrade).accept()
    for desk in (first, second):
        found(desk, 0, MatchKind.REGISTRATION).answered(*TOLD)
    in_zagreb, in_skopje = answering(zagreb).accept(), answering(skopje).accept()
    whom = found(in_zagreb, 1, MatchKind.BOTH_SEARCHING).journal.searches[1].person
    in_zagreb.answered(*TOLD, Item.MESSAGE, person=whom)
    found(in_skopje, 0, MatchKind.BOTH_SEARCHING).answered(*TOLD)
    letters_cross(*everyone)
    given = Outside.INFORMATION_GIVEN
    assert (heard(his), heard(hers), heard(fathers)) == ([given, given], [given], [given])
    assert sent(his)["podgorica"] is TransmissionState.DECLINED
    assert sent(his)["sofia"] is TransmissionState.RETURNED_FOR_INFORMATION

    writes_home(ljubljana, belgrade)
    withdraw_consent(his.rt, his.officer, his.case, his.version, frozenset({Use.SHARE}))
    letters_cross(*everyone)
    days_pass(clock, 2, *everyone)
    assert sorted(recalls_of(skopje)) == [(peer, True) for peer in sorted(others)]
    assert answering(sofia).waiting() == []
    with pytest.raises(Erased):
        in_zagreb.file  # noqa: B018
    with pytest.raises(Erased):
        (first if first.file.asked_by == "skopje" else second).file  # noqa: B018
    everything_verifies(nodes)


def writes_home(here: Society, there: Society) -> None:
    """A Red Cross Message and its reply."""
    message = collect_message(here.rt, OFFICER, LETTER)
    check_message(here.rt, OFFICER, message, 1, None)
    transmit_message(here.rt, OFFICER, message, 2, Way("RS", there.network.code))
    letters_cross(here, there)
    carrier = make_account(there.rt, branch=there.network.branch)
    [row] = list_messages(there.rt, carrier, (-1, ""), 9)
    carry.collect_reply(there.rt, carrier, row.id, 1, ("All of us are well.", None))
    letters_cross(here, there)
    read: Message = read_message(here.rt, OFFICER, message).message
    assert (read.state, read.reply) == (MessageState.REPLY_COLLECTED, "All of us are well.")


def everything_verifies(nodes: Nodes) -> None:
    """Each receipt offline, both sides of each pair, and each log."""
    for here, there in permutations(nodes.values(), 2):
        keys = parse_descriptor(own_descriptor(there.rt, OFFICE_CALL)).signing_keys
        public = {key.kid: key.public for key in keys}
        for one in list_post(here.rt, there.network.code):
            if one.direction == "sent":
                receipt = verify_by_any(receipt_of(here.rt, OFFICE_CALL, one.id) or b"", public)
                assert receipt.id == one.id
                assert receipt.status is ReceiptStatus.PROCESSED
    for here, there in combinations(nodes.values(), 2):
        sides = [
            {(each.direction, each.id): each for each in list_post(one.rt, other.network.code)}
            for one, other in ((here, there), (there, here))
        ]
        assert compare(*sides) == []
    for society in nodes.values():
        sink = BytesIO()
        export_log(society.rt, replace(OFFICE_CALL, purpose=Purpose.AUDIT), sink)
        sink.seek(0)
        verdict = verify(sink)
        assert verdict.finding is None
        assert verdict.size > 0
