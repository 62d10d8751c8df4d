"""Calls of one society that come at once share a commit: nothing is lost, doubled or reordered."""

import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from rfl.domain.access import Verb
from rfl.domain.entry import Decision, Entry, from_bytes
from rfl.domain.purpose import Purpose
from rfl.errors import BadEnvelope, UnknownKey
from rfl.exchange import batch, calling, taking
from rfl.exchange.admission import Called, speak_for
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.obedience import reception_of
from rfl.exchange.post import post, trusted
from rfl.exchange.reception import Reception
from rfl.exchange.taking import Brought
from rfl.flows import receive
from rfl.flows.receive import Given
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.storage import inbox, ledger, outbox
from rfl.storage.outbox import Waiting
from rfl.storage.work import Work
from tests.exchange.network import Society, two_societies
from tests.exchange.trays import held
from tests.postgres import APP
from tests.soak.shim import BODY
from tests.support import Clock

REFS = [f"ref-{number}" for number in range(12)]
Pair = tuple[Society, Society]


@pytest.fixture
def sqlite_pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    files = [tmp_path / "first.db", tmp_path / "second.db"]
    urls = [f"sqlite:///{shutil.copy(sqlite_template, file)}" for file in files]
    with two_societies((urls[0], urls[1]), tmp_path, clock) as made:
        yield made


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def pair(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    """Skopje and Belgrade on either kind of database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_pair")
        return
    server, databases = (request.getfixturevalue(one) for one in ("postgres", "databases"))
    names = [databases.take() for _society in range(2)]
    with two_societies(
        (server.url(names[0], APP), server.url(names[1], APP)), tmp_path, clock
    ) as two:
        yield two
    for name in names:
        databases.give_back(name)


@pytest.fixture(autouse=True)
def spoilt(monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter here does nothing; one with the text "spoilt" fails as nobody foresaw."""

    def effect(_work: Work, _peer: str, letter: Letter) -> None:
        if letter.data["text"] == "spoilt":
            raise ZeroDivisionError

    def ready(*words: Any) -> Reception:
        return replace(reception_of(*words), effects={BODY: effect, LetterType.PING: effect})

    monkeypatch.setattr(receive, "reception_of", ready)


def write(society: Society, ref: str, text: str = "") -> str:
    """Queue a letter of a stream for Belgrade; return the envelope's id."""
    letter = Letter(type=BODY, purpose=Purpose.TRACING, case_ref=ref, data={"text": text})
    with society.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        return post(work, society.network, "belgrade", letter).header.id


def waiting_of(society: Society) -> dict[int, list[Waiting]]:
    """What waits for Belgrade, by stream."""
    with society.rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        found = {stream: outbox.take(work, "belgrade", stream, 32) for stream in range(9)}
    return {stream: some for stream, some in found.items() if some}


def call_with(society: Society, letters: Sequence[Waiting], request: str = "") -> Called:
    """A signed call that brings these letters in this order."""
    with society.rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        to = trusted(work, society.network, "belgrade")
        body = batch.joined([one.body for one in letters])
        signed = calling.post_to(work, to, calling.INBOX, batch.MEDIA_TYPE, body)
    headers = {name.lower(): value for name, value in signed.headers.items()}
    return Called("POST", calling.INBOX, headers, body, request or None)


def taken(future: Future[list[Given]]) -> list[Given] | Exception:
    """What a call is answered, or refused with."""
    try:
        return future.result(60)
    except Exception as refused:  # noqa: BLE001 (what it is, the test looks at)
        return refused


def take_together(society: Society, calls: Sequence[Called]) -> list[list[Given] | Exception]:
    """Let these calls come at once: none is taken in before all are there."""
    screened = [receive.screened(society.rt, one) for one in calls]
    with held(society.rt.entrance.desks["skopje"]):
        futures = [receive.bring(society.rt, one, receive.parted(one.body)) for one in screened]
    return [taken(one) for one in futures]


def first_letter(skopje: Society) -> None:
    """One letter, after which there is a desk for Skopje's calls."""
    write(skopje, REFS[0])
    assert skopje.deliver() == 1


def commits(society: Society) -> list[object]:
    """A list that gets an item with each commit from now on."""
    seen: list[object] = []
    event.listen(society.rt.database.engine, "commit", seen.append)
    return seen


def entries(society: Society) -> list[Entry]:
    """The entries about what was received, oldest first."""
    with society.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        found = [from_bytes(body) for body in ledger.latest(work, 500)]
    return [one for one in reversed(found) if one.action == Verb.EXCHANGE_RECEIVE]


def named_once(society: Society, letters: Sequence[Waiting]) -> None:
    """The log names each of these letters once, those of a stream in their order."""
    settled = [one for entry in entries(society) for one in entry.objects]
    assert {one: count for one, count in Counter(settled).items() if count > 1} == {}
    ids = [one.id for one in letters]
    assert [one for one in settled if one in set(ids)] == ids


def statuses(society: Society, letters: Sequence[Waiting]) -> list[str]:
    with society.rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        found = [inbox.taken(work, one.id) for one in letters]
    return [one.status if one is not None else "nothing" for one in found]


def test_calls_that_come_at_once_share_a_commit_and_each_has_its_answer_and_entry(
    pair: Pair,
) -> None:
    skopje, belgrade = pair
    first_letter(skopje)
    for ref in REFS * 2:
        write(skopje, ref)
    streams = waiting_of(skopje)
    calls = [call_with(skopje, some, f"req_{stream}") for stream, some in reversed(streams.items())]
    seen = commits(belgrade)
    answers = take_together(belgrade, calls)
    assert len(seen) == 1
    assert len(calls) > 3
    for some, answer in zip(reversed(streams.values()), answers, strict=True):
        assert isinstance(answer, list)
        assert [one.settled for one in answer] == [(letter.id,) for letter in some]
    by_request = {entry.request: entry.objects for entry in entries(belgrade)}
    for stream, some in streams.items():
        assert by_request[f"req_{stream}"] == tuple(letter.id for letter in some)
        named_once(belgrade, some)
    again = [call_with(skopje, some) for some in reversed(streams.values())]
    for before, repeated in zip(answers, take_together(belgrade, again), strict=True):
        assert isinstance(before, list)
        assert repeated == [replace(one, repeated=True, settled=()) for one in before]


def test_calls_of_one_stream_are_taken_in_its_order_however_they_came(pair: Pair) -> None:
    skopje, belgrade = pair
    first_letter(skopje)
    for _letter in range(6):
        write(skopje, "ref-1")
    ((letters),) = waiting_of(skopje).values()
    parts = [letters[4:], letters[:1], letters[1:4], letters[2:3]]
    answers = take_together(belgrade, [call_with(skopje, part) for part in parts])
    said = [[one.repeated for one in answer] for answer in answers if isinstance(answer, list)]
    assert said == [[False, False], [False], [False] * 3, [True]]
    assert statuses(belgrade, letters) == ["processed"] * 6
    named_once(belgrade, letters)


def test_what_is_wrong_with_one_call_is_that_ones_alone(pair: Pair) -> None:
    skopje, belgrade = pair
    first_letter(skopje)
    for ref in REFS:
        write(skopje, ref)
    skopje.write(belgrade, "spoilt")  # alone in its stream
    streams = list(waiting_of(skopje).values())
    replayed = call_with(skopje, streams[0][:1])
    screened = receive.screened(belgrade.rt, replayed)
    first = receive.bring(belgrade.rt, screened, receive.parted(replayed.body))
    assert isinstance(taken(first), list)
    calls = [call_with(skopje, some) for some in streams]
    *good, spoilt, replay = take_together(belgrade, [*calls, replace(replayed, request="req_R")])
    assert all(isinstance(one, list) for one in good)
    assert isinstance(spoilt, ZeroDivisionError)
    assert isinstance(replay, BadEnvelope)
    for some in streams[:-1]:
        assert set(statuses(belgrade, some)) == {"processed"}
        named_once(belgrade, some)
    assert statuses(belgrade, streams[-1]) == ["nothing"]
    denied = [one.request for one in entries(belgrade) if one.decision is Decision.DENIED]
    assert denied == ["req_R"]


def test_calls_that_share_a_commit_bring_no_more_than_a_batch_and_a_larger_one_goes_alone(
    sqlite_pair: Pair,
) -> None:
    skopje, belgrade = sqlite_pair
    first_letter(skopje)
    for ref in REFS * 8:
        write(skopje, ref)
    streams = waiting_of(skopje)
    calls = [
        Brought(called, receive.parted(called.body))
        for some in streams.values()
        for called in [receive.screened(belgrade.rt, call_with(skopje, some))]
    ]
    many = receive._fitting(calls)
    sizes = [len(one.raws) for one in calls]
    assert sum(sizes[:many]) <= batch.MOST < sum(sizes[: many + 1])
    assert receive._fitting(calls[many:]) >= 1
    large = replace(calls[0], raws=list(calls[0].raws) * (batch.MOST + 1))
    assert receive._fitting([large, *calls]) == 1


def test_letters_that_were_read_by_keys_that_have_ended_since_are_refused(
    sqlite_pair: Pair,
) -> None:
    skopje, belgrade = sqlite_pair
    write(skopje, REFS[0])
    (letters,) = waiting_of(skopje).values()
    called = receive.screened(belgrade.rt, call_with(skopje, letters))
    assert called.peer is not None
    read = taking.read(belgrade.network, called.peer, [one.body for one in letters])
    assert len(read.envelopes) == 1
    keys = tuple(replace(key, not_after=1) for key in called.peer.signing_keys)
    with belgrade.rt.begin(OFFICE_CALL, Verb.EXCHANGE_RECEIVE) as work:
        speak_for(work, "skopje")
        ready = Reception(belgrade.network, replace(called.peer, signing_keys=keys), {})
        ((answer,),) = taking.take_all(work, ready, [read])
    assert isinstance(answer.failure, UnknownKey)
    assert statuses(belgrade, letters) == ["nothing"]


def deadly(begin: Callable[..., Any]) -> Callable[..., Any]:
    """Let this process be killed right after it has committed what it received."""

    @contextmanager
    def killed(self: Runtime, call: Call, verb: Verb, **rest: Any) -> Iterator[Work]:
        with begin(self, call, verb, **rest) as work:
            yield work
        if verb is Verb.EXCHANGE_RECEIVE:
            os.kill(os.getpid(), signal.SIGKILL)

    return killed


def test_a_process_killed_between_a_shared_commit_and_its_answers_has_taken_all_once(
    sqlite_pair: Pair,
) -> None:
    skopje, belgrade = sqlite_pair
    first_letter(skopje)
    for ref in REFS:
        write(skopje, ref)
    streams = list(waiting_of(skopje).values())
    calls = [call_with(skopje, some) for some in streams]
    belgrade.rt.database.dispose()
    child = os.fork()
    if child == 0:
        Runtime.begin = deadly(Runtime.begin)  # type: ignore[method-assign]
        take_together(belgrade, calls)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    for some in streams:
        assert set(statuses(belgrade, some)) == {"processed"}
        named_once(belgrade, some)
    again = take_together(belgrade, [call_with(skopje, some) for some in streams])
    assert all(one.repeated and one.receipt for answer in again for one in answer)
    assert skopje.deliver() == sum(len(some) for some in streams)


@st.composite
def courses(draw: st.DrawFn) -> tuple[list[str], list[list[list[int]]]]:
    """Letters by what they are about; then rounds of calls that come at once, each with some of
    the letters, perhaps twice, too early or not at all.
    """
    refs = draw(st.lists(st.sampled_from(REFS[:4]), min_size=2, max_size=10))
    call = st.lists(st.integers(0, len(refs) - 1), min_size=1, max_size=4)
    rounds = st.lists(st.lists(call, min_size=1, max_size=4), min_size=1, max_size=3)
    return refs, draw(rounds)


def test_however_calls_come_together_each_letter_takes_effect_once_in_its_order(
    sqlite_pair: Pair,
) -> None:
    skopje, belgrade = sqlite_pair
    first_letter(skopje)

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(courses())
    def check(course: tuple[list[str], list[list[list[int]]]]) -> None:
        refs, rounds = course
        ids = [write(skopje, ref) for ref in refs]
        streams = waiting_of(skopje)
        letters = {one.id: one for some in streams.values() for one in some}
        for calls in rounds:
            bring = [call_with(skopje, [letters[ids[one]] for one in call]) for call in calls]
            for answer in take_together(belgrade, bring):
                assert isinstance(answer, list)
        while skopje.deliver():
            pass
        for some in streams.values():
            assert statuses(belgrade, some) == ["processed"] * len(some)
            named_once(belgrade, some)

    check()
