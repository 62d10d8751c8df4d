"""What a society is owed while nobody can write to it: kept, shown, tried seldom."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from rfl.domain.answer import Item
from rfl.domain.states import MessageState, TransmissionState
from rfl.flows import carry_message, know_peers, tell_peers
from rfl.flows.runtime import OFFICE_CALL
from rfl.flows.send_message import read_message
from rfl.flows.tell_messages import tell_messages
from tests.api.support import entries
from tests.exchange.across import answering, ask_across, days_pass, letters_cross, make_pair
from tests.exchange.network import Society
from tests.exchange.test_messages_across import carrier, forwarded
from tests.exchange.test_reliability import sounding
from tests.support import Clock

Pair = tuple[Society, Society]
KNOWN = (Item.ASKING_SOCIETY_MAY_KNOW, Item.ALIVE_AND_WELL)


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    yield from make_pair(sqlite_template, tmp_path, clock)


def test_word_for_a_suspended_society_waits_is_shown_and_does_not_fill_the_log(
    pair: Pair, clock: Clock
) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    desk = answering(pair[1]).accept()
    letters_cross(*pair)
    know_peers.suspend_peer(pair[1].rt, OFFICE_CALL, "skopje")
    desk.located().answered(*KNOWN)
    assert tell_peers.tell_peers(pair[1].rt) == 0
    assert "peer-untold" in sounding(pair[1])
    said = len(entries(pair[1].rt))
    for _second in range(5):
        clock.move(seconds=1)
        assert tell_peers.tell_peers(pair[1].rt) == 0
    assert len(entries(pair[1].rt)) == said
    raw = pair[0].client.get("/.well-known/rfl-node").content
    digits = know_peers.parse_descriptor(raw).fingerprint()
    know_peers.trust_peer(pair[1].rt, OFFICE_CALL, "skopje", digits)
    clock.move(minutes=11)
    letters_cross(*pair)
    assert asking.sent.state is TransmissionState.ENDED
    assert "peer-untold" not in sounding(pair[1])


@pytest.mark.parametrize("zone", ["America/Bogota", "Asia/Tokyo"])
def test_p38_a_letter_that_came_is_told_on_its_day_wherever_the_carrier_is(
    pair: Pair, clock: Clock, zone: str
) -> None:
    pair[1].rt.rules = replace(pair[1].rt.rules, zone=ZoneInfo(zone))
    forwarded(*pair)
    officer, copy = carrier(pair[1])
    carry_message.deliver_message(pair[1].rt, officer, copy, 1, (pair[1].rt.today(), False))
    days_pass(clock, 112, *pair)
    for _hour in range(12 * 24):
        clock.move(hours=1)
        tell_messages(pair[1].rt)
    letter = read_message(pair[1].rt, officer, copy).message
    assert letter.state is MessageState.COULD_NOT_BE_DELIVERED
