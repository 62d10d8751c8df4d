"""The suite can fail: a node that breaks one rule is found in the group of that rule."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from rfl.api import problems
from rfl.api.ask import Ask
from rfl.conformance.case import GROUPS
from rfl.conformance.suite import CASES, Outcome, Result, passed, perform, table
from rfl.errors import BadEnvelope, RflError, UnknownKey
from rfl.exchange import (
    authority,
    case_letters,
    hop,
    letter,
    recall_letters,
    reception,
    sizes,
    transport,
)
from rfl.exchange.authority import Part
from rfl.exchange.letter import LetterType
from rfl.flows import receive
from rfl.storage import inbox, received
from rfl.storage.peers import PeerRow
from tests.conformance.nodes import UnderTest, serving

Plant = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture(scope="module")
def node(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[UnderTest]:
    """One node for all faults: each case begins an epoch of its own."""
    folder = tmp_path_factory.mktemp("node")
    shutil.copy(sqlite_template, folder / "rfl.db")
    with serving(f"sqlite:///{folder / 'rfl.db'}", folder) as found:
        yield found


def takes_replays(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(inbox, "are_new_nonces", lambda *_words: True)


def tells_errors_apart(patch: pytest.MonkeyPatch) -> None:
    verify = hop.verify_request

    def telling(request: hop.HopRequest, find_key: hop.FindKey, now: Any) -> hop.Proof:
        try:
            return verify(request, find_key, now)
        except BadEnvelope:
            if "stranger" in request.headers.get("signature-input", ""):
                raise UnknownKey from None
            raise

    patch.setattr(hop, "verify_request", telling)


def takes_any_filling(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sizes, "unfilled", lambda raw: raw[4 : 4 + int.from_bytes(raw[:4], "big")])


def gives_another_receipt(patch: pytest.MonkeyPatch) -> None:
    given = reception._given_before

    def another(*words: Any) -> reception.Answer:
        answer = given(*words)
        return replace(answer, receipt=answer.receipt + b" ")

    patch.setattr(reception, "_given_before", another)


def jumps_over_gaps(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reception, "_is_next", lambda _head, _header: True)


def makes_receipts_anew(patch: pytest.MonkeyPatch) -> None:
    kept = receive.receipt
    patch.setattr(receive, "receipt", lambda *words: kept(*words) + b" ")


def hears_the_suspended(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(PeerRow, "is_trusted", lambda *_words: True)


def answers_before_it_commits(patch: pytest.MonkeyPatch) -> None:
    """The receipt is out, and what it says is kept is not: as after a crash at that moment."""
    take_all = receive.take_all

    def forgetful(work: Any, *words: Any) -> list[list[receive.Given]]:
        savepoint = work.connection.begin_nested()
        given = take_all(work, *words)
        savepoint.rollback()
        return given

    patch.setattr(receive, "take_all", forgetful)


def reads_one_body_at_a_time(patch: pytest.MonkeyPatch) -> None:
    take, one = Ask.take_content, asyncio.Lock()

    async def alone(ask: Ask, limit: int) -> None:
        async with one:
            await take(ask, limit)

    patch.setattr(Ask, "take_content", alone)
    patch.setattr(transport, "_TIMEOUT", httpx2.Timeout(1.0))


def asks_for_no_consent(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(case_letters, "require_lawful", lambda _work, _letter: None)


def forgets_what_was_withdrawn(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(received, "bury", lambda *_words: None)


def believes_any_attestation(patch: pytest.MonkeyPatch) -> None:
    anybody = {LetterType.ERASURE_ATTESTATION: frozenset({Part.ANYBODY})}
    patch.setattr(authority, "MAY_SAY", authority.MAY_SAY | anybody)


def hears_a_found_person_of_what_it_knows_alone(patch: pytest.MonkeyPatch) -> None:
    def known(_work: Any, _peer: str, said: letter.Letter) -> None:
        authority.require_part(said.type, ())

    patch.setattr(recall_letters, "_require_nothing_between", known)


def repeats_what_it_was_sent(patch: pytest.MonkeyPatch) -> None:
    answer = problems._answer

    def telling(request: Any, error: RflError, more: dict[str, object]) -> Any:
        return answer(request, error, more | {"path": request.scope["path"]})

    patch.setattr(problems, "_answer", telling)


def believes_later_versions(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(letter, "VERSIONS", frozenset(range(1_001)))


def looks_at_no_clock(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(hop, "WINDOW_SECONDS", 10**9)


FAULTS: list[tuple[str, Plant, str]] = [
    ("C1", takes_replays, "a call that came before"),
    ("C1", tells_errors_apart, "one answer, whatever is wrong with a signature"),
    ("C2", takes_any_filling, "filling that is not zeros"),
    ("C3", gives_another_receipt, "a repeat is given the byte-identical receipt"),
    ("C4", jumps_over_gaps, "what comes early is parked until the gap is filled"),
    ("C5", makes_receipts_anew, "a receipt again, byte for byte"),
    ("C6", hears_the_suspended, "a suspended society"),
    ("C7", answers_before_it_commits, "what is answered is there at once for any other call"),
    ("C8", reads_one_body_at_a_time, "others, while bodies never come whole"),
    ("C9", asks_for_no_consent, "a request without a consent that holds"),
    ("C9", forgets_what_was_withdrawn, "a withdrawal that overtakes what it withdraws"),
    ("C9", believes_any_attestation, "an attestation of what nobody asked for"),
    (
        "C9",
        hears_a_found_person_of_what_it_knows_alone,
        "what a found person takes back of what was never asked",
    ),
    ("C10", repeats_what_it_was_sent, "to repeat what it was sent"),
    ("C11", believes_later_versions, "a schema of a later version"),
    ("C12", looks_at_no_clock, "a call signed -86400 s from now"),
]


def broken(results: list[Result]) -> set[tuple[str, str]]:
    return {(one.case.group, one.case.rule) for one in results if one.outcome is Outcome.FAILED}


@pytest.mark.parametrize(("group", "plant", "rule"), FAULTS)
def test_a_seeded_fault_is_found_in_the_group_of_its_rule(
    node: UnderTest, monkeypatch: pytest.MonkeyPatch, group: str, plant: Plant, rule: str
) -> None:
    plant(monkeypatch)
    with node.playing() as play:
        results = list(perform(play, [group]))
    assert (group, rule) in broken(results)
    assert not passed(results)
    [row] = [row for row in table(results) if row["failed"]]
    assert row["group"] == group


def test_every_group_has_cases_and_a_seeded_fault() -> None:
    assert set(GROUPS) == {case.group for case in CASES} == {one[0] for one in FAULTS}
    rules = [(case.group, case.rule) for case in CASES]
    assert len(set(rules)) == len(rules)
    assert {(group, rule) for group, _plant, rule in FAULTS} <= set(rules)


def test_nothing_played_is_not_passed() -> None:
    assert not passed([])
