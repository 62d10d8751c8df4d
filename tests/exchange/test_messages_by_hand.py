"""Red Cross Messages to and from societies without a node: sealed pages out, words by hand in."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from rfl.domain.message import Message, NotDelivered, Party, Post
from rfl.domain.person import Name, Place, Relation
from rfl.domain.states import MessageState
from rfl.errors import Conflict, Forbidden
from rfl.exchange.bodies import MessageForward, MessageReply
from rfl.exchange.bodies import read as read_body
from rfl.exchange.labels import labels
from rfl.flows import carry_message, hand_message, send_message, tell_writers
from rfl.flows.runtime import Call
from rfl.flows.send_message import Way
from rfl.flows.tell_messages import tell_messages
from tests.api.support import entries
from tests.exchange.by_hand import ARABIC, know, opened, raw, sealed_part
from tests.exchange.network import Society, make_society
from tests.office import make_account
from tests.support import Clock

NEWS, REPLY = "The harvest was good. <b>Write!</b>", "I am well, and think of you."
LETTER = Message(
    Party((Name("Amina Diallo"),)),
    Party((Name(ARABIC),), (Place(country="ML", town="Kita"),)),
    Relation.BROTHER,
    NEWS,
    "fr",
)


@pytest.fixture
def skopje(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Society]:
    shutil.copy(sqlite_template, tmp_path / "skopje.db")
    made = make_society(f"sqlite:///{tmp_path / 'skopje.db'}", tmp_path / "n", clock, "skopje")
    know(made.rt)
    yield made
    made.rt.database.dispose()


def sent(skopje: Society, desk: Call) -> str:
    """A letter that south is to carry, at version 3."""
    made = send_message.collect_message(skopje.rt, desk, LETTER)
    send_message.check_message(skopje.rt, desk, made, 1, None)
    send_message.transmit_message(skopje.rt, desk, made, 2, Way(country="ML", peer="south"))
    return made


def read(skopje: Society, desk: Call, message: str) -> send_message.MessageView:
    return send_message.read_message(skopje.rt, desk, message)


def sealed(skopje: Society, desk: Call, message: str, language: str | None = None) -> str:
    """Seal what is to be brought; return its page, once its signed letter was looked at."""
    version = read(skopje, desk, message).row.version
    made = hand_message.seal_message(skopje.rt, desk, message, version, language)
    for word in (NEWS, REPLY, ARABIC, "Amina", "could not"):
        assert word.encode() not in made.file
    content = opened(made.file, made.passphrase)
    document = json.loads(raw(content["signed"]["p"]))
    assert (document["to"], document["case_ref"]) == ("south", made.reference)
    said = {"message.forward": MessageForward, "message.reply": MessageReply}.get(document["type"])
    assert said is None or read_body(document["data"], said)
    return str(content["page"])


def test_a_letter_goes_on_a_sealed_page_and_its_reply_is_entered(skopje: Society) -> None:
    desk, carrier = make_account(skopje.rt), make_account(skopje.rt)
    letter = sent(skopje, desk)
    page = sealed(skopje, desk, letter)
    assert f"<bdi>{ARABIC}</bdi>" in page
    assert "&lt;b&gt;Write!" in page
    for code in ("message.title", "message.reply", "message.undeliverable_means"):
        assert labels()[code]["ar"] in page
    assert labels()["message.title"]["fr"] in sealed(skopje, desk, letter, "fr")
    [first, _again] = [one for one in entries(skopje.rt) if "message.forward" in str(one["reason"])]
    assert (first["peer"], first["actor"]) == ("south", desk.actor.id)
    with pytest.raises(Forbidden):
        carry_message.collect_reply(skopje.rt, desk, letter, 2, (REPLY, None))
    carry_message.collect_reply(skopje.rt, carrier, letter, 1, (REPLY, None))
    heard = read(skopje, desk, letter)
    assert (heard.message.state, heard.message.reply) == (MessageState.REPLY_COLLECTED, REPLY)
    with pytest.raises(Conflict):
        sealed(skopje, desk, letter)


def test_what_could_not_be_delivered_is_heard_on_the_day_that_was_fixed(
    skopje: Society, clock: Clock
) -> None:
    desk, carrier = make_account(skopje.rt), make_account(skopje.rt)
    refused, silent = sent(skopje, desk), sent(skopje, desk)
    carry_message.fail_message(skopje.rt, carrier, refused, 1, NotDelivered.REFUSED)
    day = read(skopje, desk, refused).message.return_on
    assert day is not None
    found = []
    for offset in (-1, 0):
        clock.move(days=(day + timedelta(days=offset) - skopje.rt.today()).days)
        tell_messages(skopje.rt)
        found.append([read(skopje, desk, one).message.state for one in (refused, silent)])
    assert found == [[MessageState.TRANSMITTED] * 2, [MessageState.COULD_NOT_BE_DELIVERED] * 2]


def taken(skopje: Society, desk: Call, ref: str) -> str:
    return hand_message.take_message(skopje.rt, desk, LETTER, Post("south", ref))


def owed(skopje: Society, desk: Call) -> list[tuple[str, str]]:
    rows = hand_message.list_owed(skopje.rt, desk, (0, ""), 9)
    return [(one.id, one.peer) for one in rows]


def test_word_of_a_letter_that_came_on_paper_is_brought_when_it_may_be_told(
    skopje: Society, clock: Clock
) -> None:
    desk = make_account(skopje.rt)
    answered, refused = taken(skopje, desk, "S-1"), taken(skopje, desk, "S-2")
    assert owed(skopje, desk) == []
    with pytest.raises(Conflict):
        sealed(skopje, desk, answered)
    carry_message.collect_reply(skopje.rt, desk, answered, 1, (REPLY, None))
    carry_message.fail_message(skopje.rt, desk, refused, 1, NotDelivered.REFUSED)
    assert owed(skopje, desk) == [(answered, "south")]
    assert tell_writers.tell_writers(skopje.rt) == 0, "no worker writes to who has no node"
    page = sealed(skopje, desk, answered)
    assert REPLY in page
    assert NEWS not in page
    assert owed(skopje, desk) == []
    day = read(skopje, desk, refused).message.return_on
    assert day is not None
    clock.move(days=(day - skopje.rt.today()).days)
    tell_messages(skopje.rt)
    assert owed(skopje, desk) == [(refused, "south")]
    page = sealed(skopje, desk, refused)
    assert labels()["message.undeliverable"]["ar"] in page
    assert not any(str(reason) in page for reason in NotDelivered)


def test_pages_of_a_letter_are_of_one_size(skopje: Society) -> None:
    desk = make_account(skopje.rt)
    short, long = (
        hand_message.take_message(
            skopje.rt, desk, replace(LETTER, news="a" * size), Post("south", f"S-{size}")
        )
        for size in (1, 4_000)
    )
    for one in (short, long):
        carry_message.collect_reply(skopje.rt, desk, one, 1, (REPLY[: len(one) % 7 + 1], None))
    found = set()
    for one in (short, long):
        version = read(skopje, desk, one).row.version
        made = hand_message.seal_message(skopje.rt, desk, one, version)
        found.add(len(sealed_part(made.file)["ciphertext"]))
    assert len(found) == 1


@pytest.mark.parametrize("code", ["nowhere", "late"])
def test_a_society_that_nobody_assesses_is_sent_no_letter(
    skopje: Society, clock: Clock, code: str
) -> None:
    know(skopje.rt, "late", until=skopje.rt.clock() + timedelta(days=1))
    clock.move(days=2)
    desk = make_account(skopje.rt)
    made = send_message.collect_message(skopje.rt, desk, LETTER)
    send_message.check_message(skopje.rt, desk, made, 1, None)
    with pytest.raises(Conflict):
        send_message.transmit_message(skopje.rt, desk, made, 2, Way(peer=code))
    assert read(skopje, desk, made).message.state is MessageState.CHECKED
