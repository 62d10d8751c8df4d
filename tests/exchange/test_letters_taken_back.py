"""A Red Cross Message that another society carries ends there with its case here, and in time."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from rfl.domain.access import Verb
from rfl.domain.consent import Use
from rfl.domain.ids import new_id
from rfl.domain.purpose import Purpose
from rfl.domain.states import MessageState
from rfl.errors import Conflict, NotFound
from rfl.exchange import bodies
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.reasons import Reason
from rfl.exchange.receipt import ReceiptStatus
from rfl.flows import carry_message as carry
from rfl.flows import hand_message, read_file, recall, send_dossier, send_message, tidy
from rfl.flows.erase import erase_case
from rfl.flows.runtime import OFFICE_CALL, Call
from rfl.flows.send_message import Way
from rfl.flows.withdraw import withdraw_consent
from rfl.storage import deliveries, messages, vault
from rfl.storage.outbox import OutState
from tests.api.support import entries
from tests.exchange.across import (
    assess,
    days_pass,
    letters_cross,
    make_pair,
    recalls_of,
    shared_request,
)
from tests.exchange.by_hand import know
from tests.exchange.network import Society, two_societies
from tests.exchange.test_authority import told
from tests.exchange.test_messages_across import carrier, forwarded, seen
from tests.exchange.test_reliability import hold_back, sounding
from tests.flows.test_messages import LETTER
from tests.office import make_account, open_desk
from tests.support import OFFICER, SUPERVISOR, Clock

Pair = tuple[Society, Society]


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    yield from make_pair(sqlite_template, tmp_path, clock)


@pytest.fixture
def mixed_pair(
    sqlite_template: Path, tmp_path: Path, clock: Clock, postgres_url: str
) -> Iterator[Pair]:
    """Skopje on PostgreSQL, Belgrade on SQLite."""
    second = tmp_path / "second.db"
    shutil.copy(sqlite_template, second)
    with two_societies((postgres_url, f"sqlite:///{second}"), tmp_path, clock) as made:
        assess(*made)
        assess(made[1], made[0])
        yield made


def case_of(here: Society) -> tuple[str, Call]:
    """A case whose enquirer agreed that the other society is told; its id, and its officer."""
    desk = open_desk(here.rt, shared_request(here.rt.today(), "belgrade"))
    return desk.case, desk.officer


def sent(here: Society, case: tuple[str, Call], peer: str = "belgrade") -> str:
    """A letter of the case that this society is to carry."""
    case_id, officer = case
    message = send_message.collect_message(here.rt, officer, LETTER, case_id)
    passed_to(here, officer, message, peer)
    return message


def passed_to(here: Society, officer: Call, message: str, peer: str = "belgrade") -> None:
    send_message.check_message(here.rt, officer, message, 1, None)
    send_message.transmit_message(here.rt, officer, message, 2, Way("AF", peer))


def _waiting(pair: Pair, case: tuple[str, Call]) -> tuple[str, ...]:
    sent(pair[0], case)
    return ()


def _parked(pair: Pair, case: tuple[str, Call]) -> tuple[str, ...]:
    """The letter before it in its stream was lost on the way for a while."""
    skopje, belgrade = pair
    message = send_message.collect_message(skopje.rt, case[1], LETTER, case[0])
    before = skopje.write(belgrade, ref=message)
    passed_to(skopje, case[1], message)
    hold_back(skopje, before, OutState.STOPPED)
    letters_cross(*pair)
    return (before,)


def _carried(pair: Pair, case: tuple[str, Call]) -> tuple[str, ...]:
    sent(pair[0], case)
    letters_cross(*pair)
    assert letters_at(pair[1]) == 1
    return ()


def _handed_over(pair: Pair, case: tuple[str, Call]) -> tuple[str, ...]:
    """The family has it; whether its writer may know is not theirs alone to say (P-38)."""
    _carried(pair, case)
    officer, copy = carrier(pair[1])
    carry.deliver_message(pair[1].rt, officer, copy, 1, (pair[1].rt.today(), False))
    return ()


def letters_at(society: Society) -> int:
    """How many letters are kept, each with its way and its keys."""
    with society.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        ids = set(work.connection.scalars(select(messages.messages.c.id)))
        ways = set(work.connection.scalars(select(deliveries.deliveries.c.id)))
        kept = select(vault.record_keys.c.record_id)
        keys = set(work.connection.scalars(kept.where(vault.record_keys.c.record_id.like("msg_%"))))
        assert ids == ways == keys
    return len(ids)


@pytest.mark.parametrize("stage", [_waiting, _parked, _carried, _handed_over])
@pytest.mark.parametrize("way", ["erasure", "withdrawal"])
def test_a_letter_of_a_case_that_is_taken_back_is_destroyed_where_it_is_carried(
    pair: Pair, clock: Clock, stage: Callable[..., tuple[str, ...]], way: str
) -> None:
    skopje, belgrade = pair
    case = case_of(skopje)
    held = stage(pair, case)
    if way == "erasure":
        erase_case(skopje.rt, SUPERVISOR, case[0], "data_subject_request")
    else:
        version = read_file.read_file(skopje.rt, case[1], case[0]).row.version
        withdraw_consent(skopje.rt, case[1], case[0], version, frozenset({Use.SHARE}))
    letters_cross(*pair)
    for envelope in held:
        hold_back(skopje, envelope, OutState.WAITING)
    letters_cross(*pair)
    assert letters_at(belgrade) == 0
    assert letters_at(skopje) == (0 if way == "erasure" else 1)
    assert recalls_of(skopje) == [("belgrade", False)]
    days_pass(clock, 2, *pair)
    assert recalls_of(skopje) == [("belgrade", True)]
    assert Reason.NOT_YOURS not in sounding(skopje) | sounding(belgrade)


def test_word_of_a_letter_whose_case_was_erased_crosses_that_and_is_no_alarm(pair: Pair) -> None:
    skopje, belgrade = pair
    case = case_of(skopje)
    message = sent(skopje, case)
    letters_cross(*pair)
    officer, copy = carrier(belgrade)
    erase_case(skopje.rt, SUPERVISOR, case[0], "data_subject_request")
    for _word in range(4):
        data = bodies.written(bodies.MessageReply(reply="We are well."))
        word = Letter(
            type=LetterType.MESSAGE_REPLY,
            purpose=Purpose.FAMILY_CONTACT,
            case_ref=message,
            data=data,
        )
        assert told(belgrade, skopje, word) == (ReceiptStatus.REJECTED, Reason.RECALLED)
    assert Reason.NOT_YOURS not in sounding(skopje)
    with pytest.raises(NotFound):
        carry.read_delivery(belgrade.rt, officer, copy)
    with pytest.raises(NotFound):
        send_message.read_message(skopje.rt, case[1], message)


def test_the_log_of_who_carried_a_letter_says_that_it_is_gone_and_names_it(pair: Pair) -> None:
    skopje, belgrade = pair
    case = case_of(skopje)
    sent(skopje, case)
    letters_cross(*pair)
    named = {one for entry in entries(belgrade.rt) for one in entry.get("objects", ())}
    erase_case(skopje.rt, SUPERVISOR, case[0], "data_subject_request")
    letters_cross(*pair)
    [gone] = [one for one in entries(belgrade.rt) if one.get("reason") == "recalled"]
    assert len(gone["objects"]) == 1
    assert set(gone["objects"]) <= named


@pytest.mark.postgres
def test_a_letter_ends_at_who_carries_it_when_its_time_is_over_and_its_society_hears_that(
    mixed_pair: Pair, clock: Clock
) -> None:
    skopje, belgrade = mixed_pair
    message = forwarded(*mixed_pair)
    days_pass(clock, 179, *mixed_pair, stride=60)
    assert letters_at(belgrade) == 1
    assert seen(skopje, message).state is MessageState.COULD_NOT_BE_DELIVERED
    days_pass(clock, 3, *mixed_pair, stride=1)
    assert letters_at(belgrade) == 0
    assert letters_at(skopje) == 1
    assert recalls_of(skopje) == []
    assert Reason.NOT_YOURS not in sounding(skopje)


def test_p25_a_letter_that_is_kept_here_no_longer_is_asked_back(pair: Pair, clock: Clock) -> None:
    skopje, belgrade = pair
    forwarded(*pair)
    officer, copy = carrier(belgrade)
    carry.collect_reply(belgrade.rt, officer, copy, 1, ("We are well.", None))
    letters_cross(*pair)
    clock.move(days=800)
    assert tidy.end_keeping(skopje.rt) == 0, "a reply that was not handed over is not at its end"
    clock.move(days=-800)
    [row] = send_message.list_messages(skopje.rt, OFFICER, (-1, ""), 9)
    send_message.hand_over_reply(skopje.rt, OFFICER, row.id, row.version)
    clock.move(days=800)
    assert tidy.end_keeping(skopje.rt) == 1
    assert letters_at(skopje) == 0
    assert recalls_of(skopje) == [("belgrade", False)]


def test_who_did_not_send_a_letter_takes_nothing_back(pair: Pair) -> None:
    """Its reference is obeyed, and is its own: another society's of the same name stays."""
    skopje, belgrade = pair
    message = forwarded(*pair)
    for ref in (message, new_id("msg")):
        erase = Letter(
            type=LetterType.ERASURE_REQUEST,
            purpose=Purpose.TRACING,
            case_ref=ref,
            data=bodies.written(bodies.ErasureRequest()),
        )
        assert told(belgrade, skopje, erase)[0] is ReceiptStatus.PROCESSED
    assert letters_at(skopje) == letters_at(belgrade) == 1


def test_a_letter_on_paper_is_asked_back_by_hand(pair: Pair) -> None:
    skopje = pair[0]
    know(skopje.rt)
    officer = make_account(skopje.rt)
    desk = open_desk(skopje.rt, shared_request(skopje.rt.today(), "south"))
    message = sent(skopje, (desk.case, officer), "south")
    row = send_message.read_message(skopje.rt, officer, message).row
    hand_message.seal_message(skopje.rt, officer, message, row.version)
    version = read_file.read_file(skopje.rt, desk.officer, desk.case).row.version
    withdraw_consent(skopje.rt, desk.officer, desk.case, version, frozenset({Use.SHARE}))
    with pytest.raises(Conflict, match="taken back"):
        hand_message.seal_message(skopje.rt, officer, message, row.version)
    [due] = recall.list_recalls(skopje.rt, officer)
    assert (due.peer, due.ref, due.by_hand) == ("south", message, True)
    notice = send_dossier.ask_back(skopje.rt, officer, due.id)
    assert message in notice.text
    send_dossier.enter_attestation(skopje.rt, officer, due.id)
    assert recalls_of(skopje) == [("south", True)]
