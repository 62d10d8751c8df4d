"""January 2022, played here: what a thief gets with an officer's login, with the database, and with
an administrator's account; and what the first hour's lockdown stops.

Then, 515,000 people's data were read on central servers by somebody who passed for a legitimate
user. docs/security/threats.md says what each of these leaves.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from rfl.crypto.agent import LocalAgent
from rfl.crypto.keyring import FileProvider, make_key_file
from rfl.domain.access import Role
from rfl.domain.approval import Approves
from rfl.domain.budget import DEFAULTS, Limit, What
from rfl.errors import KeyUnavailable, LockedDown, SealBroken
from rfl.flows.alert import tell_alarms
from rfl.flows.follow import load_pools
from rfl.flows.lock_down import begin_lockdown
from rfl.flows.register import open_case
from rfl.flows.review import read_case
from rfl.flows.ring import Ringer
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.storage.database import Database
from tests.api.support import OFFICE, Caller, Desk, done, entries, make_request, open_desk, refused
from tests.exchange.network import Society, two_societies
from tests.flows.test_bells import hook, webhook
from tests.needles import ARABIC, CYRILLIC, LATIN, PHONE, STORY, found_in, found_in_files
from tests.office import make_account
from tests.security.attack import CLOSED, ELSEWHERE
from tests.support import BRANCH, Clock
from tests.support import make_request as make_domain_request

HELD, SOFT, HARD = 12, 3, 5
"""Cases of the branch, and how many of them an officer may open in an hour here."""


# A stolen officer's token.


@pytest.fixture
def robbed(sqlite_rt: Runtime) -> Iterator[tuple[Desk, Any]]:
    """A branch with more cases than the budget, and a bell that somebody hears."""
    limits = dict(DEFAULTS[Role.TRACING_OFFICER]) | {What.RECORDS_HOUR: Limit(SOFT, HARD)}
    budgets = {**DEFAULTS, Role.TRACING_OFFICER: limits}
    with hook() as server, open_desk(sqlite_rt) as desk:
        holder = desk.caller(Role.TRACING_OFFICER, "tracing")
        for _each in range(HELD):
            holder.open_case()
        bells = (webhook(server),)
        sqlite_rt.rules = replace(sqlite_rt.rules, budgets=budgets, bells=bells)
        yield desk, server


def _read_all(thief: Caller) -> tuple[list[str], list[int]]:
    """What somebody does who wants everything: list, then open one after the other."""
    listed = done(thief.get("/v1/cases?limit=200"))
    assert found_in(json.dumps(listed).encode()) == []
    answers = [thief.get(f"/v1/cases/{one['id']}") for one in listed["items"]]
    shown = [one.json()["id"] for one in answers if one.status_code == 200]
    return shown, [answer.status_code for answer in answers]


def test_a_stolen_officers_token_reads_its_budget_on_record_and_is_heard(
    robbed: tuple[Desk, Any],
) -> None:
    desk, server = robbed
    thief = desk.officer
    elsewhere = desk.caller(Role.TRACING_OFFICER, "tracing", ELSEWHERE).open_case()
    shown, statuses = _read_all(thief)
    assert statuses == [200] * HARD + [429] * (HELD - HARD)
    refused(thief.get(f"/v1/cases/{elsewhere}"), 404, None, "no such record")
    again = _finds_no_way_round(desk, thief, shown)

    ringer = Ringer()
    tell_alarms(desk.rt, lambda alarm: ringer.ring(desk.rt, alarm))
    heard = {(said["code"], said["subject"]) for said in map(_body, server.posted)}
    assert heard >= {("budget-soft", thief.account), ("budget-spent", thief.account)}

    read = [one for one in entries(desk.rt, "case.read") if one["actor"] == thief.account]
    allowed = [one for one in read if one["decision"] == "allowed"]
    assert len({one["objects"][0] for one in allowed}) == len(shown) == HARD
    assert {one["reason"] for one in read if one["decision"] == "denied"} == {
        "budget-spent",
        "forbidden",
    }
    session = done(thief.get("/v1/me"))["token_id"]
    assert session in {one["session"] for one in read}
    revoked = desk.administrator().post(f"/v1/tokens/{session}/revocation")
    assert revoked.status_code == 204
    for caller in (thief, again):
        refused(caller.get(f"/v1/cases/{shown[0]}"), 401, None, "valid token")


def _finds_no_way_round(desk: Desk, thief: Caller, shown: list[str]) -> Caller:
    """Another address, a search, a token of one's own, which is returned: one budget for all."""
    rest = [one["id"] for one in done(thief.get("/v1/cases?limit=200"))["items"]][HARD:]
    for path in ("", "/request", "/file", "/timeline"):
        answer = thief.get(f"/v1/cases/{rest[0]}{path}")
        assert answer.status_code == 429, path
    load_pools(desk.rt)
    body = {"made_for": shown[0], "person": make_request()["enquirer"]}
    assert thief.post("/v1/searches", body).status_code == 429
    made = done(thief.post("/v1/tokens", {}, headers={"RFL-Purpose": OFFICE}), 201)
    again = Caller(thief.client, made["token"], "tracing", thief.account)
    assert again.get(f"/v1/cases/{rest[0]}").status_code == 429
    return again


def _body(posted: tuple[Any, bytes]) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(posted[1])
    return said


# A stolen database.


def _planted(rt: Runtime) -> str:
    """A case with planted words in every field that takes words, looked for and read."""
    with open_desk(rt) as desk:
        person = {
            "names": [{"text": f"{LATIN} {ARABIC} {CYRILLIC}"}],
            "identifiers": [{"kind": "phone", "value": PHONE}],
            "marks": STORY,
        }
        made = desk.officer.open_case(enquirer=person, message=STORY)
        load_pools(rt)
        desk.officer.post("/v1/searches", {"made_for": made, "person": person})
        done(desk.officer.get(f"/v1/cases/{made}"))
    return made


def test_a_stolen_database_names_nobody_and_opens_with_no_other_key(
    rt: Runtime, tmp_path: Path
) -> None:
    """The files of PostgreSQL's own server are searched in tests/test_canary.py."""
    case = _planted(rt)
    dumped = _dump(rt)
    assert case.encode() in dumped
    assert found_in(dumped) == []
    rt.database.dispose()
    if rt.database.is_sqlite:
        assert found_in_files(tmp_path / "node") == []
    url = rt.database.engine.url.render_as_string(hide_password=False)
    stolen = _with_keys_of_ones_own(rt, url, tmp_path / "thief")
    with pytest.raises((KeyUnavailable, SealBroken)):
        read_case(stolen, make_account(stolen), case)
    stolen.database.dispose()


def _dump(rt: Runtime) -> bytes:
    """Every value of every row, as whoever dumps the database has it."""
    with rt.database.read() as connection:
        tables = sa.inspect(connection).get_table_names()
        every = (sa.text(f"SELECT * FROM {name}") for name in tables)  # noqa: S608 (our own names)
        rows = [row for one in every for row in connection.execute(one)]
    cells = (bytes(one) if isinstance(one, memoryview) else one for row in rows for one in row)
    return b"\n".join(one if isinstance(one, bytes) else str(one).encode() for one in cells)


def _with_keys_of_ones_own(rt: Runtime, url: str, folder: Path) -> Runtime:
    """The node's own code on the stolen database."""
    folder.mkdir()
    make_key_file(folder / "master.key")
    provider = FileProvider(folder / "keyring.json", key_file=folder / "master.key")
    provider.create()
    return Runtime(Database(url), LocalAgent(provider), rt.rules, rt.clock)


def test_the_keyring_without_its_key_file_opens_nothing(sqlite_rt: Runtime, tmp_path: Path) -> None:
    case = _planted(sqlite_rt)
    folder = tmp_path / "copied"
    folder.mkdir()
    shutil.copy(tmp_path / "keyring.json", folder / "keyring.json")
    make_key_file(folder / "master.key")
    provider = FileProvider(folder / "keyring.json", key_file=folder / "master.key")
    with pytest.raises(KeyUnavailable):
        read_case(replace(sqlite_rt, agent=LocalAgent(provider)), make_account(sqlite_rt), case)


# A stolen administrator's account.


def test_a_stolen_administrator_reads_no_case_and_changes_nothing_alone(
    sqlite_rt: Runtime,
) -> None:
    sqlite_rt.rules = replace(sqlite_rt.rules, four_eyes=frozenset(Approves))
    with open_desk(sqlite_rt) as desk:
        thief, case = desk.administrator(), desk.officer.open_case()
        for purpose in ("tracing", "supervision", "data_subject_request", "audit", OFFICE):
            for path in ("", "/request", "/file", "/search", "/matches", "/log", "/timeline"):
                headers = {"RFL-Purpose": purpose}
                answer = thief.get(f"/v1/cases/{case}{path}", headers=headers)
                refused(answer, 403, None, "does not allow")
        tried = [one for one in entries(desk.rt) if one["actor"] == thief.account]
        opened = {(one["decision"], tuple(one["groups"]), one["count"]) for one in tried}
        assert opened == {("denied", (), 0)}, "each is on record, and nothing was opened"
        _grants_nothing_alone(desk, thief)
        _lifts_no_lockdown_alone(desk, thief, case)


def _grants_nothing_alone(desk: Desk, thief: Caller) -> None:
    """Neither a role, nor a subject to sign in with, nor an officer's new password."""
    role = {"role": "supervisor", "branch": BRANCH, "name": "Me"}
    officer = desk.officer.account
    for path, body in (("/v1/accounts", role), (f"/v1/accounts/{officer}/invitation", None)):
        refused(thief.post(path, body), 403, None, "second officer")
    asked = {
        "approves": "role_grant",
        "subject": "supervisor",
        "details": [BRANCH, "Me"],
        "reason": "Needed.",
    }
    approval = done(thief.post("/v1/approvals", asked), 201)["id"]
    agreeing = thief.post(f"/v1/approvals/{approval}/approval", headers={"If-Match": '"1"'})
    refused(agreeing, 403, None, "own request")
    used = thief.post("/v1/accounts", role, headers={"RFL-Approval": approval})
    refused(used, 403, None, "second officer")
    denied = [one for one in entries(desk.rt, "account.add") if one["decision"] == "denied"]
    assert {one["actor"] for one in denied} == {thief.account}


def _lifts_no_lockdown_alone(desk: Desk, thief: Caller, case: str) -> None:
    begin_lockdown(desk.rt, OFFICE_CALL)
    answer = desk.officer.get(f"/v1/cases/{case}")
    refused(answer, 503, None, "lockdown")
    assert answer.headers["retry-after"] == "600"
    lifting = [one for one in CLOSED if "lockdown" in one.path]
    assert lifting == [], "by command alone, and there by two people: tests/flows/test_lockdown.py"


# The first hour.


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[tuple[Society, Society]]:
    urls = []
    for code in ("skopje", "belgrade"):
        shutil.copy(sqlite_template, tmp_path / f"{code}.db")
        urls.append(f"sqlite:///{tmp_path / code}.db")
    with two_societies((urls[0], urls[1]), tmp_path, clock) as both:
        yield both


def test_a_lockdown_stops_all_opening_while_a_peers_sealed_letter_is_taken(
    pair: tuple[Society, Society],
) -> None:
    here, there = pair
    officer = make_account(here.rt)
    case = open_case(here.rt, officer, make_domain_request(), None).id
    begin_lockdown(here.rt, OFFICE_CALL)
    with pytest.raises(LockedDown):
        read_case(here.rt, officer, case)
    there.write(here)
    assert there.deliver() == 1
    with here.rt.database.read() as connection:
        count = "SELECT count(*) FROM inbox"
        assert connection.exec_driver_sql(count).scalar_one() == 1
    assert here.client.get("/health/ready").json()["status"] == "locked_down"
