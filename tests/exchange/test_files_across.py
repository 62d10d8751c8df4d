"""Photos and documents along with requests and handovers: by consent, whole, and gone with them."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from rfl.domain.access import Role, Verb
from rfl.domain.answer import Item
from rfl.domain.approval import Approves
from rfl.domain.consent import USUAL, Consent, ConsentForm, Detail, Use
from rfl.domain.ids import PersonId
from rfl.domain.purpose import Purpose
from rfl.domain.states import HandoverState, TransmissionState
from rfl.domain.transmission import Transmission
from rfl.errors import InvalidInput, TooLarge, UnsupportedMedia
from rfl.exchange.attachments import attach, sealed_size
from rfl.exchange.bodies import MOST_FILES
from rfl.exchange.encoding import to_bytes, to_text
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.reasons import Reason
from rfl.exchange.receipt import ReceiptStatus
from rfl.exchange.room import NARROW
from rfl.exchange.settling import REJECTED
from rfl.flows import (
    answer_request,
    check_health,
    hand_over,
    know_peers,
    recall,
    review,
    take_over,
    transmit,
)
from rfl.flows.attach_file import attach_file, list_files, open_file, remove_file
from rfl.flows.runtime import OFFICE_CALL
from rfl.flows.withdraw import withdraw_consent
from rfl.storage import blobs, outbox
from rfl.storage.blob_room import Room
from tests.exchange.across import (
    VISITS,
    answering,
    assess,
    days_pass,
    letters_cross,
    make_pair,
    recalls_of,
    shared_request,
)
from tests.exchange.network import Society, two_societies
from tests.exchange.pictures import PLACE, make_jpeg, make_png
from tests.exchange.test_authority import told
from tests.exchange.test_bad_letters import Case
from tests.exchange.test_handovers import Giving, approved
from tests.exchange.test_reliability import sounding
from tests.office import Desk, make_account, open_desk
from tests.support import Clock

Pair = tuple[Society, Society]
PHOTOS = USUAL | {Detail.PHOTO}
PDF = b"%PDF-1.7 the family's own words"
SHARE = frozenset({Use.SHARE})


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    yield from make_pair(sqlite_template, tmp_path, clock)


@pytest.fixture
def mixed_pair(
    sqlite_template: Path, tmp_path: Path, clock: Clock, postgres_url: str
) -> Iterator[Pair]:
    """Skopje on SQLite, Belgrade on PostgreSQL, each judged by the other."""
    first = tmp_path / "first.db"
    shutil.copy(sqlite_template, first)
    with two_societies((f"sqlite:///{first}", postgres_url), tmp_path, clock) as made:
        assess(*made)
        assess(made[1], made[0])
        yield made


def attached(desk: Desk, content: bytes, kind: str, shows: PersonId | None = None) -> str:
    return attach_file(desk.rt, desk.officer, desk.case, kind, content, shows)


def with_pictures(here: Society, *recipients: str, items: frozenset[Detail] = PHOTOS) -> Desk:
    """A case with a picture of who is sought, one of who asks, and a document."""
    request = shared_request(here.rt.today(), *recipients, items=items)
    desk = open_desk(here.rt, request).judged().accepted()
    attached(desk, make_jpeg(b"her", turn=6), "image/jpeg", request.sought[0].person.id)
    attached(desk, make_jpeg(b"him"), "image/jpeg", request.enquirer.id)
    attached(desk, PDF, "application/pdf")
    attached(desk, make_png(), "image/png")
    return desk


def asked(desk: Desk, peer: str = "belgrade") -> str:
    sent = Transmission(peer, VISITS, desk.today.replace(year=desk.today.year + 1))
    return transmit.queue_transmission(desk.rt, desk.officer, desk.case, sent)


def files_at(desk: Desk) -> list[tuple[str | None, bytes]]:
    """Whom each file of a case shows, and its bytes."""
    found = list_files(desk.rt, desk.officer, desk.case)
    return [(one.file.shows, open_file(desk.rt, desk.officer, one.row.id).content) for one in found]


def blobs_of(society: Society, *, outgoing: bool = False) -> int:
    with society.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        mine = blobs.blobs.c.peer.is_not(None) & (blobs.blobs.c.outgoing == outgoing)
        rows = set(work.connection.scalars(sa.select(blobs.blobs.c.id).where(mine)))
        held = set(work.connection.scalars(sa.select(blobs.blob_holds.c.blob_id)))
        parts = set(work.connection.scalars(sa.select(blobs.blob_parts.c.blob_id)))
    known = rows if outgoing else rows & held
    assert known == rows, "nothing waits for a letter"
    assert rows <= parts
    return len(rows)


@pytest.mark.postgres
def test_pictures_follow_the_case_from_request_to_withdrawal(
    mixed_pair: Pair, clock: Clock
) -> None:
    skopje, belgrade = mixed_pair
    desk = with_pictures(skopje, "belgrade")
    ref = asked(desk)
    line = skopje.line
    assert line is not None
    line.lose_answers = 2
    for _try in range(4):
        letters_cross(*mixed_pair)
        clock.move(minutes=3)
    there = answering(belgrade)
    row = there.waiting()[0]
    view = answer_request.read_received(belgrade.rt, there.officer, row.id)
    assert view.request.dossier is not None
    assert [(one.media_type, one.shows) for one in view.request.files] == [
        ("image/jpeg", view.request.dossier.persons[0])
    ]
    desk_there = there.accept()
    [(shows, content)] = files_at(desk_there)
    assert shows == desk_there.person
    assert b"her" in content
    assert PLACE not in content

    more = attached(desk, make_png(), "image/png", desk.person)
    transmit.renew_copies(skopje.rt)
    letters_cross(*mixed_pair)
    assert [shows for shows, _content in files_at(desk_there)] == [desk_there.person] * 2
    assert (shows, content) in files_at(desk_there)
    sent = transmit.read_transmission(skopje.rt, desk.officer, ref).transmission
    assert more in sent.files
    remove_file(skopje.rt, desk.officer, more)
    transmit.renew_copies(skopje.rt)
    letters_cross(*mixed_pair)
    assert files_at(desk_there) == [(shows, content)]
    assert blobs_of(belgrade) == 1

    desk_there.located().answered(Item.ASKING_SOCIETY_MAY_KNOW, Item.ALIVE_AND_WELL)
    letters_cross(*mixed_pair)
    enquirer = desk_there.request.enquirer.id
    assert {one for one, _content in files_at(desk_there)} == {shows, enquirer}

    withdraw_consent(skopje.rt, desk.officer, desk.case, desk.version, SHARE)
    letters_cross(*mixed_pair)
    assert blobs_of(belgrade) == 0
    days_pass(clock, 2, *mixed_pair)
    assert recalls_of(skopje) == [("belgrade", True)]


@pytest.mark.parametrize(("items", "at_risk"), [(USUAL, False), (PHOTOS, True)])
def test_no_picture_leaves_without_agreement_or_for_a_society_at_risk(
    pair: Pair, items: frozenset[Detail], *, at_risk: bool
) -> None:
    assess(*pair, at_risk=at_risk)
    desk = with_pictures(pair[0], "belgrade", items=items)
    ref = asked(desk)
    letters_cross(*pair)
    assert transmit.read_transmission(desk.rt, desk.officer, ref).transmission.files == ()
    assert blobs_of(pair[0], outgoing=True) == 0
    assert files_at(answering(pair[1]).accept()) == []


def test_a_picture_is_of_a_person_of_the_case_and_a_picture(pair: Pair) -> None:
    desk = open_desk(pair[0].rt)
    other = open_desk(pair[0].rt)
    with pytest.raises(InvalidInput):
        attached(desk, make_jpeg(), "image/jpeg", other.person)
    with pytest.raises(InvalidInput):
        attached(desk, PDF, "application/pdf", desk.person)
    with pytest.raises(UnsupportedMedia):
        attached(desk, make_jpeg()[:90], "image/jpeg", desk.person)
    assert list_files(desk.rt, desk.officer, desk.case) == []


Gone = Callable[[Pair, Clock], None]


def _declined(pair: Pair, _clock: Clock) -> None:
    there = answering(pair[1])
    row = there.waiting()[0]
    why = (TransmissionState.DECLINED, transmit.WhyReturned.RULES)
    answer_request.refuse_received(pair[1].rt, there.officer, row.id, row.version, why)


def _kept_too_long(pair: Pair, clock: Clock) -> None:
    answering(pair[1]).accept()
    pair[0].line.down = True  # type: ignore[union-attr]
    clock.move(days=181)
    recall.end_copies(pair[1].rt)


def _recalled_while_an_update_waits(pair: Pair, _clock: Clock) -> None:
    """The last picture came with an update that no case has heard of yet."""
    answering(pair[1]).accept()
    desk = with_update(pair)
    pair[0].carry()
    pair[0].deliver()
    withdraw_consent(desk.rt, desk.officer, desk.case, desk.version, SHARE)
    letters_cross(*pair)


def with_update(pair: Pair) -> Desk:
    desk = DESKS[pair[0].network.code]
    attached(desk, make_png(), "image/png", desk.person)
    assert transmit.renew_copies(pair[0].rt) == 1
    return desk


DESKS: dict[str, Desk] = {}


@pytest.mark.parametrize("end", [_declined, _kept_too_long, _recalled_while_an_update_waits])
def test_pictures_end_with_the_copy(pair: Pair, clock: Clock, end: Gone) -> None:
    desk = DESKS["skopje"] = with_pictures(pair[0], "belgrade")
    asked(desk)
    letters_cross(*pair)
    assert blobs_of(pair[1]) == 1
    end(pair, clock)
    assert blobs_of(pair[1]) == 0
    assert len(list_files(desk.rt, desk.officer, desk.case)) >= 4, "the family's own stay"


def test_letters_with_files_that_are_not_theirs_leave_nothing(pair: Pair) -> None:
    case = Case(pair)
    person, stranger = case.dossier.persons[0], case.asking.desk.request.sought[0].person.id
    assert person == stranger
    bad: list[tuple[bytes, str, dict[str, object], str]] = [
        (PDF, "application/pdf", {}, Reason.NOT_UNDERSTOOD),
        (PDF, "image/jpeg", {}, Reason.NOT_UNDERSTOOD),
        (make_jpeg(), "image/jpeg", {"shows": None}, Reason.NOT_UNDERSTOOD),
        (make_jpeg(), "image/jpeg", {"shows": case.asking.ref}, Reason.NOT_UNDERSTOOD),
        (make_jpeg(), "image/svg+xml", {}, Reason.NOT_UNDERSTOOD),
        (make_jpeg(), "image/jpeg", {"sha256": "A" * 43}, Reason.ATTACHMENT_MISSING),
        (make_jpeg(), "image/jpeg", {"ref": ""}, Reason.NOT_UNDERSTOOD),
    ]
    for content, kind, change, why in bad:
        said = told(*pair, _with_file(case, content, kind, person, change))
        assert said == (ReceiptStatus.REJECTED, why), (kind, change)
    for number in (2, MOST_FILES + 1):
        letter = _with_file(case, make_jpeg(), "image/jpeg", person, {})
        twice = replace(letter, data=letter.data | {"files": letter.data["files"] * number})
        assert told(*pair, twice) == (ReceiptStatus.REJECTED, Reason.NOT_UNDERSTOOD)
    assert blobs_of(pair[1]) == 0
    view = answer_request.read_received(pair[1].rt, case.office.officer, case.row.id)
    assert view.request.files == ()
    good = _with_file(case, make_jpeg(), "image/jpeg", person, {})
    assert told(*pair, good) == (ReceiptStatus.PROCESSED, None)
    assert blobs_of(pair[1]) == 1


def _with_file(
    case: Case, content: bytes, kind: str, person: str, change: dict[str, object]
) -> Letter:
    with case.here.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        one = attach(work, case.here.network, "belgrade", [content], len(content), kind)
    letter = case.said(LetterType.CASE_UPDATE)
    file = {"ref": "a", "sha256": to_text(one.digest), "shows": person} | change
    return replace(letter, data=letter.data | {"files": [file]}, attachments=(one,))


@pytest.mark.postgres
def test_a_peer_has_so_much_room_for_files_and_its_society_learns_when_it_is_spent(
    mixed_pair: Pair,
) -> None:
    skopje, belgrade = mixed_pair
    [size] = {sealed_size(len(one)) for one in (make_jpeg(), make_png())}
    network = replace(belgrade.network, peer_files_bytes=2 * size)
    belgrade.rt.rules = replace(belgrade.rt.rules, network=network)
    desk = with_pictures(skopje, "belgrade")
    asked(desk)
    letters_cross(*mixed_pair)
    there = answering(belgrade).accept()
    assert NARROW not in sounding(belgrade)
    assert room_of(belgrade) == {"skopje": (size, 0, 2 * size)}

    def updated() -> list[str]:
        """Let Skopje say what belongs to the case now; return why letters were refused so far."""
        assert transmit.renew_copies(skopje.rt) == 1
        letters_cross(*mixed_pair)
        return refusals(skopje)

    second = attached(desk, make_png(), "image/png", desk.person)
    assert updated() == []
    assert NARROW in sounding(belgrade), "people hear of it before anything is refused"
    attached(desk, make_jpeg(b"third"), "image/jpeg", desk.person)
    assert updated() == [Reason.ROOM_SPENT]
    assert REJECTED in sounding(skopje)
    assert blobs_of(belgrade) == len(files_at(there)) == 2
    remove_file(skopje.rt, desk.officer, second)
    assert updated() == [Reason.ROOM_SPENT], "what takes the place of another needs no more room"
    assert b"third" in b"".join(content for _shows, content in files_at(there))
    asked(with_pictures(skopje, "belgrade"))
    letters_cross(*mixed_pair)
    assert refusals(skopje) == [Reason.ROOM_SPENT] * 2, "a request as well as an update"
    withdraw_consent(skopje.rt, desk.officer, desk.case, desk.version, SHARE)
    letters_cross(*mixed_pair)
    asked(with_pictures(skopje, "belgrade"))
    letters_cross(*mixed_pair)
    assert refusals(skopje) == [Reason.ROOM_SPENT] * 2, "what ends leaves its room"
    assert blobs_of(belgrade) == 1
    assert room_of(belgrade) == {"skopje": (size, 0, 2 * size)}
    assert room_of(skopje) == {"belgrade": (0, 0, skopje.network.peer_files_bytes)}


def room_of(society: Society) -> dict[object, tuple[object, ...]]:
    """What each peer's files take, as the administrator reads it and as the command says it."""
    watches = make_account(society.rt, Role.ADMINISTRATOR)
    watches = replace(watches, purpose=Purpose.ADMINISTRATION)
    said = check_health.condition(society.rt, watches)["peer_files"]
    assert isinstance(said, list)
    known = {one.row.code: one.room for one in know_peers.list_peers(society.rt, OFFICE_CALL)}
    for one in said:
        assert known[one["peer"]] == Room(one["bytes"], one["waiting_bytes"])
        assert know_peers.load_peer(society.rt, OFFICE_CALL, one["peer"]).room == known[one["peer"]]
    return {one["peer"]: (one["bytes"], one["waiting_bytes"], one["most_bytes"]) for one in said}


def refusals(society: Society) -> list[str]:
    """Why letters of a society were refused, as their receipts have told it."""
    with society.rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        receipts = sa.select(outbox.outbox.c.receipt)
        rejected = receipts.where(outbox.outbox.c.state == outbox.OutState.REJECTED)
        return [_paper(one)["reason"] for one in work.connection.scalars(rejected)]


def _paper(receipt: bytes) -> dict[str, str]:
    said: dict[str, str] = json.loads(to_bytes(json.loads(receipt)["p"]))
    return said


def offering(pair: Pair) -> Giving:
    """A case with files whose enquirer agrees that Belgrade takes it over."""
    here, there = pair
    here.rt.rules = replace(here.rt.rules, four_eyes=frozenset({Approves.HANDOVER}))
    request = shared_request(here.rt.today(), "belgrade")
    agreed = Consent(
        person=request.enquirer.id,
        uses=frozenset({Use.SEARCH, Use.SHARE, Use.CONTACT}),
        form=ConsentForm.SIGNED,
        given_on=here.rt.today(),
        recipients=("belgrade",),
    )
    desk = open_desk(here.rt, replace(request, consents=(agreed,))).judged().accepted()
    attached(desk, make_jpeg(b"her"), "image/jpeg", desk.person)
    attached(desk, PDF, "application/pdf")
    return Giving(here, there, desk, make_account(there.rt, branch=there.network.branch))


def test_a_handover_brings_every_file_and_its_person(pair: Pair) -> None:
    giving = offering(pair)
    giving.offered()
    giving.cross()
    came = giving.waiting().handover
    assert {one.media_type for one in came.files} == {"image/jpeg", "application/pdf"}
    made = giving.accept()
    giving.cross()
    view = hand_over.read_handover(pair[1].rt, giving.taker, made)
    assert (view.handover.state, view.handover.files) == (HandoverState.OPENED, ())
    case = view.row.case_id or ""
    taker = giving.taker
    desk = replace(giving.desk, rt=pair[1].rt, case=case, officer=taker)
    found = dict(files_at(desk))
    sought = review.read_case(pair[1].rt, taker, case).request.sought[0].person.id
    assert set(found) == {sought, None}
    assert found[None] == PDF
    assert sought != giving.desk.person


def test_the_files_of_a_handover_that_is_declined_are_gone(pair: Pair) -> None:
    giving = offering(pair)
    giving.offered()
    giving.cross()
    assert blobs_of(pair[1]) == 2
    row = giving.waiting().row
    take_over.decline_offer(pair[1].rt, giving.taker, row.id, row.version)
    giving.cross()
    assert blobs_of(pair[1]) == 0


def test_a_case_whose_files_the_society_does_not_take_is_not_offered(pair: Pair) -> None:
    giving = offering(pair)
    for _each in range(MOST_FILES):
        attached(giving.desk, PDF, "application/pdf")
    call = approved(giving.desk, "belgrade")
    with pytest.raises(TooLarge):
        hand_over.offer_case(pair[0].rt, call, giving.desk.case, giving.desk.version, "belgrade")
    assert blobs_of(pair[0], outgoing=True) == 0
    assert giving.desk.file.offered_to is None
