"""Who may say what (guide: protocol): every type of letter from a peer whose word it is not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import permutations, product
from pathlib import Path

import msgspec
import pytest

from rfl.domain.access import Verb
from rfl.domain.casefile import Ending
from rfl.domain.ids import new_id
from rfl.domain.purpose import Purpose
from rfl.domain.states import Outside
from rfl.exchange import bodies
from rfl.exchange.authority import MAY_SAY, Part
from rfl.exchange.bodies import Decision, PersonResult, Reminder, Whose
from rfl.exchange.ending import ATTEST_AFTER
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.post import post
from rfl.exchange.reasons import Reason
from rfl.exchange.receipt import ReceiptStatus, verify_by_any
from rfl.flows.know_peers import own_descriptor, parse_descriptor
from rfl.flows.ping import receipt_of
from rfl.flows.runtime import OFFICE_CALL
from rfl.storage import alarms, recalls
from tests.exchange.across import answering, ask_across, assess, letters_cross, make_pair
from tests.exchange.network import Society, societies
from tests.support import Clock

Pair = tuple[Society, Society]
DAY = date(2026, 6, 1)
PERSON = new_id("per")
OF_THE_ASKER = {
    LetterType.CASE_UPDATE,
    LetterType.CASE_REMINDER,
    LetterType.CASE_CLOSE,
    LetterType.CASE_REOPEN,
}
SAID: dict[LetterType, msgspec.Struct] = {
    LetterType.CASE_ANSWER: bodies.CaseAnswer(Decision.ACCEPTED, answer_on=DAY),
    LetterType.CASE_RESULT: bodies.CaseResult(
        (PersonResult(PERSON, Outside.ENDED_WITHOUT_INFORMATION),)
    ),
    LetterType.CASE_REMINDER: bodies.CaseReminder(Reminder.ANSWER_DUE),
    LetterType.CASE_CLOSE: bodies.CaseClose(Ending.WITHDRAWN),
    LetterType.CASE_REOPEN: bodies.CaseReopen(),
    LetterType.CASE_UPDATE: bodies.CaseReopen(),
    LetterType.MESSAGE_REPLY: bodies.MessageReply(reply="We are well."),
    LetterType.MESSAGE_UNDELIVERABLE: bodies.MessageUndeliverable(),
    LetterType.ERASURE_ATTESTATION: bodies.ErasureAttestation(DAY),
}


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    yield from make_pair(sqlite_template, tmp_path, clock)


def told(here: Society, there: Society, letter: Letter) -> tuple[ReceiptStatus, str | None]:
    """Send a letter, and return what its receipt says."""
    with here.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        sent = post(work, here.network, there.network.code, letter).header.id
    letters_cross(here, there)
    raw = receipt_of(here.rt, OFFICE_CALL, sent)
    assert raw is not None
    receipt = verify_by_any(raw, _keys(there))
    return receipt.status, receipt.reason


def _keys(society: Society) -> dict[str, bytes]:
    keys = parse_descriptor(own_descriptor(society.rt, OFFICE_CALL)).signing_keys
    return {key.kid: key.public for key in keys}


def about(kind: LetterType, ref: str) -> Letter:
    body = bodies.written(SAID[kind])
    return Letter(type=kind, purpose=Purpose.TRACING, case_ref=ref, data=body)


def test_what_is_not_a_peers_to_say_is_refused_as_what_never_was(
    sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    """Of who asks, of who was asked, and of a third society that has learnt the reference."""
    with societies(sqlite_template, tmp_path, clock, "skopje", "belgrade", "sofia") as made:
        skopje, belgrade, sofia = made
        for one, other in permutations(made, 2):
            assess(one, other)
        asking = ask_across(skopje, belgrade)
        letters_cross(*made)
        before = asking.sent
        strange = (ReceiptStatus.REJECTED, Reason.NOT_YOURS)
        for kind in sorted(SAID):
            never, known = about(kind, new_id("trm")), about(kind, asking.ref)
            assert told(skopje, belgrade, never) == strange, kind
            assert told(sofia, belgrade, known) == strange, kind
            assert told(sofia, skopje, known) == strange, kind
            if Part.ASKER not in MAY_SAY[kind]:
                assert told(skopje, belgrade, known) == strange, kind
            if kind in OF_THE_ASKER:
                assert told(belgrade, skopje, known) == strange, kind
        assert asking.sent == before
        assert len(answering(belgrade).waiting()) == 1


def test_who_has_no_part_in_a_reference_takes_back_and_learns_nothing(
    sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    """Obeyed and attested alike, whether it never was, was forgotten, or is another society's."""
    withdrawals = [
        (LetterType.CONSENT_CHANGE, bodies.ConsentChange(Whose.FOUND_PERSON, DAY, PERSON)),
        (LetterType.CONSENT_CHANGE, bodies.ConsentChange(Whose.ENQUIRER, DAY)),
        (LetterType.ERASURE_REQUEST, bodies.ErasureRequest()),
    ]
    with societies(sqlite_template, tmp_path, clock, "skopje", "belgrade", "sofia") as made:
        skopje, belgrade, sofia = made
        for one, other in permutations(made, 2):
            assess(one, other)
        asking = ask_across(skopje, belgrade)
        letters_cross(*made)
        for kind, body in withdrawals:
            said = Letter(type=kind, purpose=Purpose.TRACING, data=bodies.written(body))
            never = new_id("trm")
            for to, ref in product((skopje, belgrade), (asking.ref, never)):
                letter = replace(said, case_ref=ref)
                assert told(sofia, to, letter) == (ReceiptStatus.PROCESSED, None), kind
                assert ("sofia", ref) in attesting(to), kind
        assert len(answering(belgrade).waiting()) == 1
        assert asking.sent.waits


def test_who_asked_is_no_found_persons_society(pair: Pair) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    assert told(*pair, taken_back(asking.ref)) == (ReceiptStatus.REJECTED, Reason.NOT_YOURS)
    assert attesting(pair[1]) == set()


def taken_back(ref: str) -> Letter:
    """A letter that says that a found person takes back what they let be told."""
    body = bodies.written(bodies.ConsentChange(Whose.FOUND_PERSON, DAY, PERSON))
    kind = LetterType.CONSENT_CHANGE
    return Letter(type=kind, purpose=Purpose.TRACING, case_ref=ref, data=body)


def attesting(society: Society) -> set[tuple[str, str]]:
    """To whom the society owes an attestation, and of which reference."""
    with society.rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        far = work.micros + 10 * ATTEST_AFTER
        return {(one.peer, one.ref) for one in recalls.due(work, 99, far)}


def test_the_third_word_that_is_not_a_peers_is_an_alarm(pair: Pair) -> None:
    for _each in range(3):
        told(*pair, about(LetterType.CASE_RESULT, new_id("trm")))
    with pair[1].rt.ask(OFFICE_CALL, Verb.ALARM_READ) as work:
        assert Reason.NOT_YOURS in {one.code for one in alarms.newest(work, 9)}


@pytest.mark.parametrize("purpose", [Purpose.AUDIT, Purpose.ADMINISTRATION])
def test_a_request_for_another_purpose_than_casework_is_refused(
    pair: Pair, purpose: Purpose
) -> None:
    letter = Letter(type=LetterType.CASE_REQUEST, purpose=purpose, case_ref=new_id("trm"))
    assert told(*pair, letter) == (ReceiptStatus.REJECTED, Reason.PURPOSE_REFUSED)


def test_a_body_of_another_form_is_not_understood(pair: Pair) -> None:
    letter = Letter(
        type=LetterType.MESSAGE_FORWARD,
        purpose=Purpose.FAMILY_CONTACT,
        case_ref=new_id("msg"),
        data={"news": 1},
    )
    assert told(*pair, letter) == (ReceiptStatus.REJECTED, Reason.NOT_UNDERSTOOD)


def test_every_type_of_letter_is_in_the_table() -> None:
    assert set(MAY_SAY) == set(LetterType)
