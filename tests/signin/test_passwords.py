"""Built-in accounts: invitations, passwords, one-time codes, and tries that are not told apart."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from argon2 import extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY
from httpx2 import Response

from rfl.crypto.agent import KeyAgent
from rfl.domain.access import Role, Verb
from rfl.errors import InvalidInput, TooManyAttempts
from rfl.flows.grant import remove_account
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.signin import code, password
from rfl.signin.gate import TRIES, WINDOW, Gate
from rfl.storage import logins, tries
from tests.api.support import (
    OFFICE,
    Caller,
    Desk,
    done,
    entries,
    nothing_stored,
    open_desk,
    refused,
)
from tests.signin.proofs import PASSWORD
from tests.support import SHIPPED_HASHER

NOBODY = "valid token"


@pytest.fixture
def desk(rt: Runtime) -> Any:
    with open_desk(rt) as opened:
        yield opened


@pytest.fixture
def sqlite_desk(sqlite_rt: Runtime) -> Any:
    with open_desk(sqlite_rt) as opened:
        yield opened


class Holder:
    """Who has accepted an invitation, with a telephone."""

    def __init__(self, desk: Desk, account: str, name: str = "elena") -> None:
        self.desk, self.account, self.name = desk, account, name
        administrator = desk.administrator()
        made = done(administrator.post(f"/v1/accounts/{account}/invitation"), 201)
        self.invitation = made["invitation"]
        kept = done(self.accept())
        self.codes = pyotp.TOTP(kept["secret"])
        self.device = kept["device"]
        assert pyotp.parse_uri(kept["address"]).secret == kept["secret"]

    def accept(self, **given: str) -> Response:
        body = {"invitation": self.invitation, "name": self.name, "password": PASSWORD}
        return self.desk.client.post("/v1/sign-in/invitations", json=body | given)

    def tries(self, **given: str) -> Response:
        now = self.desk.rt.clock()
        body = {"name": self.name, "password": PASSWORD, "code": self.codes.at(now)}
        return self.desk.client.post("/v1/sign-in", json=body | given)


def make_holder(desk: Desk) -> Holder:
    return Holder(desk, desk.caller(Role.TRACING_OFFICER, "tracing").account)


def test_who_was_invited_signs_in_for_a_day_and_out(desk: Desk) -> None:
    first = desk.caller(Role.TRACING_OFFICER, "tracing")
    holder = Holder(desk, first.account)
    refused(first.get("/v1/me"), 401, None, NOBODY)
    session = done(holder.tries())
    caller = Caller(desk.client, session["token"], OFFICE, holder.account)
    assert done(caller.get("/v1/me"))["account"] == holder.account
    signed_in = entries(desk.rt, "sign_in")[-1]
    assert (signed_in["actor"], signed_in["reason"]) == (holder.account, "password")
    assert caller.post("/v1/sign-out").status_code == 204
    refused(caller.get("/v1/me"), 401, None, NOBODY)
    desk.rt.clock.move(minutes=1)  # type: ignore[attr-defined]
    session = done(holder.tries(name=" ELENA "))
    caller = Caller(desk.client, session["token"], OFFICE, holder.account)
    desk.rt.clock.move(minutes=479)  # type: ignore[attr-defined]
    done(caller.get("/v1/me"))
    desk.rt.clock.move(minutes=2)  # type: ignore[attr-defined]
    refused(caller.get("/v1/me"), 401, None, NOBODY)


def test_a_code_is_used_once(desk: Desk) -> None:
    holder = make_holder(desk)
    used = holder.codes.at(desk.rt.clock())
    done(holder.tries(code=used))
    refused(holder.tries(code=used), 401, None, NOBODY)
    before = holder.codes.at(desk.rt.clock() - timedelta(seconds=30))
    refused(holder.tries(code=before), 401, None, NOBODY)
    desk.rt.clock.move(seconds=30)  # type: ignore[attr-defined]
    done(holder.tries())


def test_whatever_is_wrong_is_answered_alike(desk: Desk) -> None:
    holder = make_holder(desk)
    gone = Holder(desk, desk.caller(Role.AUDITOR, "audit").account, "gone")
    remove_account(desk.rt, OFFICE_CALL, gone.account)
    wrong = [
        holder.tries(password="another password of it"),
        holder.tries(code="000000"),
        holder.tries(code="٠١٢٣٤٥"),
        holder.tries(name="nobody"),
        holder.tries(name="nobody", password="x", code=""),
        holder.tries(device="rfld_9999999999999999_" + "0" * 64, code=""),
        gone.tries(),
    ]
    told = [{**answer.json(), "instance": ""} for answer in wrong]
    assert {answer.status_code for answer in wrong} == {401}
    assert all(one == told[0] for one in told)


def test_the_same_work_is_done_whether_or_not_there_is_an_account(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, work = make_holder(sqlite_desk), list[str]()
    for module, name in ((password, "fits"), (code, "step_of"), (password, "normal")):
        real = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda *given, real=real, name=name: (work.append(name), real(*given))[1]
        )
    real_hash = type(sqlite_desk.rt.agent).keyed_hash

    def counted(agent: KeyAgent, kind: str, value: bytes) -> bytes:
        work.append(kind)
        return bytes(real_hash(agent, kind, value))  # type: ignore[arg-type]

    monkeypatch.setattr(type(sqlite_desk.rt.agent), "keyed_hash", counted)
    done_for = []
    for name in ("elena", "nobody"):
        work.clear()
        refused(holder.tries(name=name, password="another password"), 401, None, NOBODY)
        done_for.append(list(work))
    assert done_for[0] == done_for[1]
    assert "fits" in done_for[0]


def test_strangers_close_a_name_to_strangers_alone(desk: Desk) -> None:
    holder = make_holder(desk)
    for name in ("elena", "nobody"):
        answers = [holder.tries(name=name, password="guess").status_code for _ in range(TRIES + 2)]
        assert answers == [401] * TRIES + [429] * 2
    refused(holder.tries(), 429, None, "Too many tries")
    session = done(holder.tries(device=holder.device))
    desk.rt.clock.move(seconds=30)  # type: ignore[attr-defined]
    done(holder.tries(device=session["device"]))
    desk.rt.clock.move(minutes=15)  # type: ignore[attr-defined]
    done(holder.tries())


def test_tries_are_counted_across_processes_for_names_that_there_are_not_too(desk: Desk) -> None:
    """A second process has a gate of its own, and one database with the first."""
    holder, elsewhere = make_holder(desk), replace(desk.rt, gate=Gate())
    with open_desk(elsewhere) as other:
        clients = (desk.client, other.client)
        for name in ("elena", "nobody"):
            body = {"name": name, "password": "guess", "code": "000000"}
            answers = [
                clients[number % 2].post("/v1/sign-in", json=body).status_code
                for number in range(TRIES + 2)
            ]
            assert answers == [401] * TRIES + [429] * 2
        done(holder.tries(device=holder.device))  # its holder is not locked out
        desk.rt.clock.move(minutes=15)  # type: ignore[attr-defined]
        now = desk.rt.clock()
        right = {"name": "elena", "password": PASSWORD, "code": holder.codes.at(now)}
        done(other.client.post("/v1/sign-in", json=right))


def test_tries_at_the_same_moment_are_counted_one_by_one(rt: Runtime) -> None:
    def counted(_number: int) -> int:
        with rt.begin(OFFICE_CALL, Verb.SIGN_IN) as work:
            return tries.count(work, b"\x01\x02" + bytes(30), WINDOW, known=False)

    with ThreadPoolExecutor(8) as everybody:
        assert sorted(everybody.map(counted, range(24))) == list(range(1, 25))


def test_a_password_is_hashed_anew_when_the_parameters_have_moved_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = make_holder(desk)
    before = kept_password(desk)
    monkeypatch.setattr(password, "_HASHER", SHIPPED_HASHER)
    refused(holder.tries(password="another password of it"), 401, None, NOBODY)
    refused(holder.tries(code="000000"), 401, None, NOBODY)
    assert kept_password(desk) == before  # nobody but its holder renews it
    done(holder.tries())
    renewed = kept_password(desk)
    assert extract_parameters(renewed) == RFC_9106_LOW_MEMORY
    desk.rt.clock.move(seconds=30)  # type: ignore[attr-defined]
    done(holder.tries())
    assert kept_password(desk) == renewed


def kept_password(desk: Desk) -> str:
    with desk.rt.database.read() as connection:
        return str(connection.scalar(sa.select(logins.logins.c.password)))


def test_a_mark_of_another_account_or_time_is_none(desk: Desk) -> None:
    holder = make_holder(desk)
    other = Holder(desk, desk.caller(Role.AUDITOR, "audit").account, "other")
    until, mark = holder.device.removeprefix("rfld_").split("_")
    for _ in range(TRIES):
        holder.tries(password="guess")
    for device in (other.device, f"rfld_{int(until) + 1}_{mark}", f"rfld_{until}_", "rfld__"):
        refused(holder.tries(device=device), 429, None, "Too many tries")
    desk.rt.clock.move(days=181)  # type: ignore[attr-defined]
    for _ in range(TRIES):
        holder.tries(password="guess")
    refused(holder.tries(device=holder.device), 429, None, "Too many tries")


def test_a_new_invitation_replaces_a_lost_telephone_and_ends_what_was(desk: Desk) -> None:
    holder = make_holder(desk)
    session = done(holder.tries())
    old = Caller(desk.client, session["token"], OFFICE, holder.account)
    again = Holder(desk, holder.account)
    refused(old.get("/v1/me"), 401, None, NOBODY)
    desk.rt.clock.move(seconds=30)  # type: ignore[attr-defined]
    refused(holder.tries(), 401, None, NOBODY)
    done(again.tries())


def test_an_invitation_is_for_once_and_for_three_days(desk: Desk) -> None:
    holder = make_holder(desk)
    refused(holder.accept(), 401, None, NOBODY)
    path = f"/v1/accounts/{desk.officer.account}/invitation"
    made = done(desk.administrator().post(path), 201)["invitation"]
    refused(holder.accept(invitation=made), 409, "name", "another name")
    desk.rt.clock.move(hours=73)  # type: ignore[attr-defined]
    with nothing_stored(desk.rt):
        refused(holder.accept(invitation=made, name="late"), 401, None, NOBODY)
    done(desk.officer.get("/v1/me"))


def test_only_an_administrator_invites(sqlite_desk: Desk) -> None:
    path = f"/v1/accounts/{sqlite_desk.officer.account}/invitation"
    answer = sqlite_desk.officer.post(path, headers={"RFL-Purpose": OFFICE})
    refused(answer, 403, None, "does not allow")
    administrator = sqlite_desk.administrator()
    missing = administrator.post("/v1/accounts/acc_00000000000000000000000000/invitation")
    refused(missing, 404, None, "no such record")


def test_a_body_that_is_too_large_is_not_read(sqlite_desk: Desk) -> None:
    answer = sqlite_desk.client.post("/v1/sign-in", json={"name": "x" * 9_000})
    refused(answer, 413, "body", "at most 8192 bytes")


WEAK = [
    *("short", "elena and the herons", "a" * 20, "x" * 201, "ab" * 9),
    # What makes a long password frequent: keyboards, orders, repetition, words with a year.
    *("qwertyuiop12", "1q2w3e4r5t6y", "1qaz2wsx3edc", "123qweasdzxc", "йцукенфывапр"),
    *("abcdefghijkl", "123456789987654321", "112233445566", "moon-moon-moon", "ababababcdcd"),
    *("password1234", "Administrator1", "Welcome2026!", "lozinka12345", "iloveyou 2026"),
    *("RedCross2026!", "tracing-family", "Rotes Kreuz 2026", "skopje skopje 26"),
]
STRONG = [PASSWORD, "eleven storks on one chimney", "kaurapuuro ja marjat", "Xk9!mQ2$vL7p"]


@pytest.mark.parametrize("chosen", WEAK)
def test_a_weak_password_is_refused_without_being_told(chosen: str) -> None:
    with pytest.raises(InvalidInput) as told:
        password.checked(chosen, "elena", {"skopje", "Rotes Kreuz"})
    assert chosen not in str(told.value)


@pytest.mark.parametrize("chosen", STRONG)
def test_a_password_of_some_words_or_drawn_by_chance_is_taken(chosen: str) -> None:
    assert password.checked(chosen, "elena", {"skopje"}) == chosen


def test_a_holder_chooses_another_password_and_every_other_token_ends(desk: Desk) -> None:
    holder, chosen = make_holder(desk), "eleven storks on one chimney"
    first = Caller(desk.client, done(holder.tries())["token"], OFFICE, holder.account)
    desk.rt.clock.move(seconds=30)  # type: ignore[attr-defined]
    mine = Caller(desk.client, done(holder.tries())["token"], OFFICE, holder.account)
    below = done(mine.post("/v1/tokens", {"days": 1}), 201)["token"]
    desk.rt.clock.move(seconds=30)  # type: ignore[attr-defined]
    code_now = holder.codes.at(desk.rt.clock())
    body = {"name": "elena", "password": PASSWORD, "code": code_now, "chosen": chosen}
    other = Holder(desk, desk.caller(Role.AUDITOR, "audit").account, "other")
    theirs = {"name": "other", "code": other.codes.at(desk.rt.clock())}
    for wrong in ({"password": "not this one at all"}, {"code": "000000"}, theirs):
        refused(mine.put("/v1/password", body | wrong), 403, None, "must be those of the account")
        assert entries(desk.rt, "password.change")[-1]["decision"] == "denied"
    refused(mine.put("/v1/password", body | {"chosen": "elena 12"}), 422, "password", "must")
    done(first.get("/v1/me"))
    assert mine.put("/v1/password", body).status_code == 204
    changed = entries(desk.rt, "password.change")[-1]
    assert (changed["actor"], changed["decision"]) == (holder.account, "allowed")
    done(mine.get("/v1/me"))
    for ended in (first, Caller(desk.client, below, OFFICE, holder.account)):
        refused(ended.get("/v1/me"), 401, None, NOBODY)
    refused(mine.put("/v1/password", body), 403, None, "must be those of the account")
    desk.rt.clock.move(seconds=30)  # type: ignore[attr-defined]
    refused(holder.tries(), 401, None, NOBODY)
    done(holder.tries(password=chosen))


def test_a_stolen_token_tries_passwords_no_more_often_than_a_stranger(sqlite_desk: Desk) -> None:
    holder = make_holder(sqlite_desk)
    thief = Caller(sqlite_desk.client, done(holder.tries())["token"], OFFICE, holder.account)
    guess = {"name": "elena", "password": "guess", "code": "000000", "chosen": STRONG[1]}
    told = [thief.put("/v1/password", guess).status_code for _ in range(TRIES + 1)]
    assert told == [403] * TRIES + [429]


def test_holders_see_their_tokens_and_end_them_one_by_one(desk: Desk) -> None:
    holder = make_holder(desk)
    lost, mine = [], Caller(desk.client, "", OFFICE, holder.account)
    for _ in range(2):
        signed_in = done(holder.tries())
        lost.append(mine)
        mine = Caller(desk.client, signed_in["token"], OFFICE, holder.account)
        desk.rt.clock.move(seconds=30)  # type: ignore[attr-defined]
    narrow = {"purposes": ["tracing"], "reads_only": True}
    below = done(lost[1].post("/v1/tokens", narrow), 201)
    listed = done(mine.get("/v1/tokens"))["items"]
    assert [(one["is_this"], one["reads_only"], one["purposes"]) for one in listed] == [
        (False, True, ["tracing"]),
        (True, False, None),
        (False, False, None),
    ]
    assert [one["made_at"] for one in listed] == sorted(
        (one["made_at"] for one in listed), reverse=True
    )
    assert listed[0]["token_id"] == below["token_id"]
    address = f"/v1/tokens/{listed[2]['token_id']}/end"
    stranger = desk.caller(Role.SUPERVISOR, OFFICE)
    missing = refused(stranger.post("/v1/tokens/tok_00000000000000000000000000/end"), 404, None, "")
    theirs = refused(stranger.post(address), 404, None, "")
    assert {**theirs, "instance": ""} == {**missing, "instance": ""}
    assert mine.post(address).status_code == 204
    assert entries(desk.rt, "token.end")[-1]["actor"] == holder.account
    for ended in (lost[1], Caller(desk.client, below["token"], OFFICE, holder.account)):
        refused(ended.get("/v1/me"), 401, None, NOBODY)
    refused(mine.post(address), 404, None, "no such record")
    assert len(done(mine.get("/v1/tokens"))["items"]) == 1


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_234_567_890, "89005924"),
        (20_000_000_000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(seconds: int, expected: str) -> None:
    secret = code.secret_of(b"12345678901234567890" + bytes(12))
    assert code.step_of(secret, expected[-6:], seconds) == seconds // 30
    assert code.step_of(secret, expected[-6:], seconds + 60) is None


def test_made_up_names_neither_fill_the_gate_nor_open_it() -> None:
    gate, victim, at = Gate(), b"\x01\x02" + bytes(30), 10 * WINDOW
    for _ in range(TRIES):
        gate.enter(victim, at)
    for number in range(5_000):
        if number != 0x0102:
            gate.enter(number.to_bytes(2, "big") + b"\xff" * 30, at)
    with pytest.raises(TooManyAttempts):
        gate.enter(victim, at + WINDOW - 1)
    gate.enter(victim, at + WINDOW)
