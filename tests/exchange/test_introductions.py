"""The CTA vouches for a society: it becomes known, or trusted for a while, and no more."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from rfl.crypto.keyring import SOCIETY
from rfl.domain.access import Verb
from rfl.errors import BadEnvelope, Conflict, NotYours
from rfl.exchange import introduction, own
from rfl.exchange.introduction import Introduces, Outcome
from rfl.exchange.receipt import ReceiptStatus
from rfl.exchange.signed import Signer
from rfl.flows import introduce, keep_post, know_peers
from rfl.flows.runtime import OFFICE_CALL
from tests.exchange.network import Line, Society, befriend, make_society
from tests.exchange.test_reliability import sounding, status_of
from tests.support import Clock


class Three(NamedTuple):
    cta: Society
    skopje: Society
    sofia: Society


@pytest.fixture
def three(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Three]:
    """Skopje and Sofia each trust the CTA, and do not know each other."""
    made = []
    for code in ("cta", "skopje", "sofia"):
        shutil.copy(sqlite_template, tmp_path / f"{code}.db")
        url = f"sqlite:///{tmp_path / code}.db"
        made.append(make_society(url, tmp_path / code, clock, code))
    cta, skopje, sofia = made
    befriend(cta, sofia)
    befriend(skopje, cta)
    cta.line, sofia.line = Line(skopje.client), Line(skopje.client)
    yield Three(cta, skopje, sofia)
    for one in made:
        one.rt.database.dispose()


def lets(society: Society, counts: Introduces | None) -> int:
    return introduce.let_introduce(society.rt, OFFICE_CALL, "cta", counts)


def word(three: Three, *, days: int = 30, withdrawn: bool = False) -> bytes:
    return introduce.introduce(three.cta.rt, OFFICE_CALL, "sofia", days=days, withdrawn=withdrawn)


def take(society: Society, raw: bytes) -> Outcome:
    return introduce.take_introduction(society.rt, OFFICE_CALL, raw)[1]


def state(society: Society, code: str = "sofia") -> str:
    return know_peers.load_peer(society.rt, OFFICE_CALL, code).row.state


def test_who_is_introduced_is_known_and_people_compare_the_digits(three: Three) -> None:
    lets(three.skopje, Introduces.KNOWN)
    assert take(three.skopje, word(three)) is Outcome.KNOWN
    peer = know_peers.load_peer(three.skopje.rt, OFFICE_CALL, "sofia")
    assert (peer.row.state, peer.row.introduced_by) == ("added", "cta")
    with pytest.raises(Conflict):
        three.skopje.write(three.sofia)
    know_peers.trust_peer(three.skopje.rt, OFFICE_CALL, "sofia", peer.fingerprint)
    assert three.skopje.write(three.sofia)
    assert lets(three.skopje, None) == 0, "the digits were compared: that stays"
    assert state(three.skopje) == "trusted"


def test_by_policy_it_is_trusted_and_letters_stay_sealed_end_to_end(three: Three) -> None:
    lets(three.skopje, Introduces.TRUSTED)
    introduce.introduce(three.cta.rt, OFFICE_CALL, "sofia", days=30, tell=True)
    assert three.cta.deliver() == 1
    assert state(three.skopje) == "trusted"
    descriptor = know_peers.own_descriptor(three.skopje.rt, OFFICE_CALL)
    peer = know_peers.add_peer(three.sofia.rt, OFFICE_CALL, descriptor)
    know_peers.trust_peer(three.sofia.rt, OFFICE_CALL, "skopje", peer.fingerprint)
    letter = three.sofia.write(three.skopje)
    assert three.sofia.deliver() == 1
    assert status_of(three.sofia, three.skopje, letter) == (ReceiptStatus.PROCESSED, None)


def test_trust_by_introduction_ends_with_it_and_is_shown(three: Three, clock: Clock) -> None:
    lets(three.skopje, Introduces.TRUSTED)
    take(three.skopje, word(three, days=2))
    three.skopje.write(three.sofia)
    clock.move(days=2)
    with pytest.raises(Conflict):
        three.skopje.write(three.sofia)
    keep_post.keep_post(three.skopje.rt)
    assert state(three.skopje) == "added"
    assert "introduction-over" in sounding(three.skopje)


def test_a_word_that_is_taken_back_stops_all_traffic_and_its_copy_revives_nothing(
    three: Three, clock: Clock
) -> None:
    lets(three.skopje, Introduces.TRUSTED)
    first = word(three)
    take(three.skopje, first)
    clock.move(seconds=5)
    assert take(three.skopje, word(three, withdrawn=True)) is Outcome.WITHDRAWN
    assert state(three.skopje) == "added"
    assert take(three.skopje, first) is Outcome.UNCHANGED
    assert state(three.skopje) == "added"


@pytest.mark.parametrize("end", ["nobody", "suspended", "removed"])
def test_who_loses_the_right_to_introduce_takes_its_introductions_along(
    three: Three, end: str
) -> None:
    lets(three.skopje, Introduces.TRUSTED)
    take(three.skopje, word(three))
    if end == "nobody":
        assert lets(three.skopje, None) == 1
    elif end == "suspended":
        know_peers.suspend_peer(three.skopje.rt, OFFICE_CALL, "cta")
    else:
        know_peers.remove_peer(three.skopje.rt, OFFICE_CALL, "cta")
    assert state(three.skopje) == "added"
    with pytest.raises(NotYours):
        take(three.skopje, word(three))


@pytest.mark.parametrize("decided", ["suspended", "removed"])
def test_what_people_have_decided_stands(three: Three, clock: Clock, decided: str) -> None:
    lets(three.skopje, Introduces.TRUSTED)
    take(three.skopje, word(three))
    act = know_peers.suspend_peer if decided == "suspended" else know_peers.remove_peer
    act(three.skopje.rt, OFFICE_CALL, "sofia")
    clock.move(seconds=5)
    assert take(three.skopje, word(three)) is Outcome.UNCHANGED
    assert state(three.skopje) == decided


def test_nobody_introduces_whom_people_did_not_let_do_so(three: Three) -> None:
    with pytest.raises(NotYours):
        take(three.skopje, word(three))
    introduce.introduce(three.cta.rt, OFFICE_CALL, "sofia", days=30, tell=True)
    three.cta.deliver()
    with pytest.raises(Exception, match="not-found"):
        know_peers.load_peer(three.skopje.rt, OFFICE_CALL, "sofia")
    lets(three.skopje, Introduces.TRUSTED)
    take(three.skopje, word(three))
    with pytest.raises(Conflict):
        introduce.let_introduce(three.skopje.rt, OFFICE_CALL, "sofia", Introduces.KNOWN)


def test_a_forged_introduction_is_refused(three: Three, clock: Clock) -> None:
    lets(three.skopje, Introduces.TRUSTED)
    raw = know_peers.own_descriptor(three.sofia.rt, OFFICE_CALL)
    own_raw = know_peers.own_descriptor(three.skopje.rt, OFFICE_CALL)
    now = int(clock.now.timestamp())

    def signer(society: Society) -> Signer:
        with society.rt.look(OFFICE_CALL, Verb.PEER_READ) as work:
            return own.signer(work, SOCIETY)

    by_cta, by_sofia = signer(three.cta), signer(three.sofia)
    true = introduction.introduce("cta", raw, by_cta, now, 30)
    forged = {
        "by a key that is not its": introduction.introduce("cta", raw, by_sofia, now, 30),
        "under a known key's name": introduction.introduce(
            "cta", raw, Signer(by_cta.kid, by_sofia.sign), now, 30
        ),
        "edited": true.replace(b'"p":"e', b'"p":"f'),
        "ended": introduction.introduce("cta", raw, by_cta, now - 31 * 86_400, 30),
        "from tomorrow": introduction.introduce("cta", raw, by_cta, now + 86_400, 30),
        "for ever": introduction.introduce("cta", raw, by_cta, now, 401),
        "of this very node": introduction.introduce("cta", own_raw, by_cta, now, 30),
        "not an introduction": raw,
    }
    for how, one in forged.items():
        with pytest.raises(BadEnvelope):
            take(three.skopje, one)
        assert [peer.row.code for peer in know_peers.list_peers(three.skopje.rt, OFFICE_CALL)] == [
            "cta"
        ], how
    assert take(three.skopje, true) is Outcome.TRUSTED


def test_another_key_under_a_known_name_is_an_alarm_and_changes_nothing(
    three: Three, sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    lets(three.skopje, Introduces.TRUSTED)
    take(three.skopje, word(three))
    shutil.copy(sqlite_template, tmp_path / "false.db")
    url = f"sqlite:///{tmp_path / 'false.db'}"
    false = make_society(url, tmp_path / "false", clock, "sofia")
    raw = know_peers.own_descriptor(false.rt, OFFICE_CALL)
    clock.move(seconds=5)
    with three.cta.rt.look(OFFICE_CALL, Verb.PEER_READ) as work:
        signer = own.signer(work, SOCIETY)
    said = introduction.introduce("cta", raw, signer, int(clock.now.timestamp()), 30)
    before = know_peers.load_peer(three.skopje.rt, OFFICE_CALL, "sofia").fingerprint
    assert take(three.skopje, said) is Outcome.DIFFERS
    assert know_peers.load_peer(three.skopje.rt, OFFICE_CALL, "sofia").fingerprint == before
    assert introduction.DIFFERS in sounding(three.skopje)
    false.rt.database.dispose()
