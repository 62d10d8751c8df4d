"""Whatever is opened has its entry: every route, flow and command is driven, keys counted.

`walks.py` has a list beside what the code has; a new route, flow or command fails here until it is
driven there, or is named with the reason why it opens nothing.
"""

import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from rfl import background
from rfl.background import Background, settle
from rfl.domain.access import Verb
from rfl.domain.entry import from_bytes
from rfl.domain.groups import Half
from rfl.domain.key_use import most_unwraps
from rfl.errors import InvalidInput, NotSignedIn, RflError, StorageFull
from rfl.flows import (
    admit,
    back_up,
    erase,
    expire_log,
    export_log,
    offer_list,
    reconcile,
    register,
    review,
    rotate_keys,
    take_list,
)
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.storage import vault
from rfl.storage.database import Database
from tests.api.support import entries, open_desk
from tests.audit.exported import AUDIT_CALL
from tests.audit.societies import make_society
from tests.audit.walks import CLEAR_FLOWS, Count, calls, flows, routes, rows, steps
from tests.audit.walks_between import calls_between
from tests.flows.test_lists import TERMS
from tests.support import OFFICER, Clock, make_request, make_runtime


@pytest.fixture
def south(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Runtime]:
    made = make_society("south", sqlite_template, tmp_path, clock)
    yield made
    made.database.dispose()


def test_every_flow_that_opens_data_leaves_an_entry(
    served_rt: Runtime, tmp_path: Path, south: Runtime
) -> None:
    rt = served_rt
    count, driven, opened = Count(rt), set(), 0
    for name, step in steps(rt, tmp_path, south):
        before = rt.agent.unwraps()
        with _role_for(rt, name):
            step()
        opened += rt.agent.unwraps() - before
        assert count.check(name) or name == "admit.sign_in", f"{name} left no entry"
        driven.add(name)
    assert driven | CLEAR_FLOWS.keys() == flows()
    assert opened > 50


@contextmanager
def _role_for(rt: Runtime, name: str) -> Iterator[None]:
    """On PostgreSQL the serving role does everything, but ends no entry of the log."""
    serving = rt.database
    if name != "expire_log.expire" or serving.is_sqlite:
        yield
        return
    assert expire_log.expire_if_due(rt) is None
    rt.database = Database(serving.url.set(username="rfl_expiry").render_as_string())
    yield
    rt.database.dispose()
    rt.database = serving


def test_the_walk_sees_a_flow_that_opens_without_an_entry(sqlite_rt: Runtime) -> None:
    case = register.open_case(sqlite_rt, OFFICER, make_request(), None).id
    count = Count(sqlite_rt)
    with sqlite_rt.database.read() as connection:
        work = sqlite_rt._work(connection, OFFICER, Verb.CASE_READ)
        vault.load_keys(work, [case], Half.REST)
    with pytest.raises(AssertionError, match="left no entry"):
        count.check("a flow")


def test_a_work_that_opened_something_and_has_no_entry_does_not_commit(rt: Runtime) -> None:
    case = register.open_case(rt, OFFICER, make_request(), None).id
    with (
        pytest.raises(AssertionError, match="without an entry"),
        rt.begin(OFFICER, Verb.CASE_READ) as work,
    ):
        vault.load_keys(work, [case], Half.REST)
    with (
        pytest.raises(AssertionError, match="without an entry"),
        rt.look(OFFICER, Verb.CASE_READ) as work,
    ):
        vault.load_keys(work, [case], Half.REST)
    assert rt.tally.unaccounted() >= 1


def test_a_key_taken_past_the_vault_is_an_alarm(rt: Runtime, clock: Clock) -> None:
    case = register.open_case(rt, OFFICER, make_request(), None).id
    review.read_case(rt, OFFICER, case)
    reconcile.keep_key_use(rt)
    assert entries(rt, "alarm.raise") == []
    with rt.database.read() as connection:
        wrapped = connection.exec_driver_sql("SELECT rest FROM record_keys").scalar_one()
    rt.agent.unwrap("rest", case, bytes(wrapped))
    reconcile.keep_key_use(rt)
    assert [one["reason"] for one in entries(rt, "alarm.raise")] == ["keys-unaccounted"]
    clock.move(days=1)
    assert reconcile.reconcile_days(rt) == 1
    assert reconcile.reconcile_days(rt) == 0
    [said] = entries(rt, "keys.reconcile")
    assert (said["reason"], said["count"]) == ("differs", 2)


def test_a_running_node_compares_each_day_by_itself_and_raises_the_alarm(
    sqlite_rt: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "WATCH_SECONDS", 0.05)
    case = register.open_case(sqlite_rt, OFFICER, make_request(), None).id
    with sqlite_rt.database.read() as connection:
        wrapped = connection.exec_driver_sql("SELECT rest FROM record_keys").scalar_one()
    running = Background(sqlite_rt, matching=False)
    running.start()
    try:
        review.read_case(sqlite_rt, OFFICER, case)
        clock.move(days=1)
        _until(lambda: bool(entries(sqlite_rt, "keys.reconcile")))
        assert {one["reason"] for one in entries(sqlite_rt, "keys.reconcile")} == {"agrees"}
        assert entries(sqlite_rt, "alarm.raise") == []
        sqlite_rt.agent.unwrap("rest", case, bytes(wrapped))
        _until(lambda: bool(entries(sqlite_rt, "alarm.raise")))
        clock.move(days=1)
        _until(lambda: entries(sqlite_rt, "keys.reconcile")[-1]["reason"] == "differs")
    finally:
        running.stop()
    assert {one["reason"] for one in entries(sqlite_rt, "alarm.raise")} == {"keys-unaccounted"}


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_days_keys_agree_with_its_entries(rt: Runtime, clock: Clock) -> None:
    case = register.open_case(rt, OFFICER, make_request(), None).id
    for _reading in range(3):
        review.read_case(rt, OFFICER, case)
    settle(rt)
    before = rt.agent.unwraps()
    reconcile.keep_key_use(rt)
    clock.move(days=1)
    reconcile.reconcile_days(rt)
    [said] = entries(rt, "keys.reconcile")
    assert (said["reason"], said["count"]) == ("agrees", before)


def test_entries_that_were_deleted_no_longer_account_for_the_keys(
    rt: Runtime, clock: Clock
) -> None:
    case = register.open_case(rt, OFFICER, make_request(), None).id
    for _reading in range(3):
        review.read_case(rt, OFFICER, case)
    reconcile.keep_key_use(rt)
    with rt.database.write() as connection:
        for table in ("ledger_waiting", "ledger_objects", "ledger"):
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 (our own names)
    clock.move(days=1)
    reconcile.reconcile_days(rt)
    assert [one["reason"] for one in entries(rt, "keys.reconcile")] == ["differs"]


def test_what_an_entry_accounts_for_at_most(rt: Runtime) -> None:
    case = register.open_case(rt, OFFICER, make_request(), None).id
    review.read_case(rt, OFFICER, case)
    found = {one["action"]: from_bytes(json.dumps(one).encode()) for one in entries(rt)}
    assert most_unwraps(found["case.open"]) == 0
    assert most_unwraps(found["case.read"]) == 2 + 2


def test_a_flood_of_failed_sign_ins_is_two_entries_a_minute(rt: Runtime, clock: Clock) -> None:
    for _minute in range(3):
        for _attempt in range(200):
            with pytest.raises(NotSignedIn):
                admit.sign_in(rt, "rflt_nobody")
        clock.move(minutes=1)
        admit.enter_failed_sign_ins(rt)
    found = entries(rt, "sign_in")
    assert [one["count"] for one in found] == [1, 199] * 3
    assert {(one["decision"], one["reason"]) for one in found} == {("denied", "not-signed-in")}
    admit.enter_failed_sign_ins(rt, ending=True)
    assert len(entries(rt, "sign_in")) == 6


FAILING: list[tuple[str, Callable[[Runtime, Path], object]]] = [
    ("backup", lambda rt, folder: back_up.back_up(rt, OFFICE_CALL, folder)),
    ("restore", lambda rt, folder: back_up.restore(rt, OFFICE_CALL, folder)),
    ("case.erase", lambda rt, _f: erase.erase_case(rt, OFFICER, _case(rt), "data_subject_request")),
    ("keys.rotate", lambda rt, _f: rotate_keys.rotate_keys(rt, OFFICER)),
    ("list.import", lambda rt, _f: take_list.take_list(rt, OFFICER, _list(rt), _broken())),
    ("log.export", lambda rt, _f: export_log.export_log(rt, AUDIT_CALL, _Full())),
]


class _Full(io.BytesIO):
    def write(self, _content: object) -> int:
        raise OSError(28, "No space left on device")


def _case(rt: Runtime) -> str:
    return register.open_case(rt, OFFICER, make_request(), None).id


def _list(rt: Runtime) -> str:
    return offer_list.open_list(rt, OFFICER, TERMS)


def _broken() -> Iterator[Any]:
    yield from rows("Elena")
    raise InvalidInput("row", "is broken")


@pytest.mark.parametrize(("action", "fail"), FAILING, ids=[action for action, _fail in FAILING])
def test_what_fails_half_way_is_an_entry(
    rt: Runtime, tmp_path: Path, action: str, fail: Callable[[Runtime, Path], object]
) -> None:
    (tmp_path / "x").write_text("a file in the folder's place")
    with pytest.raises((RflError, OSError)):
        fail(rt, tmp_path / "x")
    last = entries(rt)[-1]
    assert (last["action"], last["decision"]) == (action, "denied")
    assert sum(one["decision"] == "denied" for one in entries(rt)) == 1


def test_a_full_disk_stores_nothing_and_shows_nothing(sqlite_rt: Runtime) -> None:
    case = _case(sqlite_rt)
    with sqlite_rt.database.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    full = f"PRAGMA max_page_count = {pages}"
    sqlite_rt.database.dispose()
    sa.event.listen(
        sqlite_rt.database.engine, "connect", lambda raw, _record: raw.execute(full).close()
    )
    shown: list[str] = []

    def read_until_it_is_full() -> None:
        while len(shown) < 1_000:
            shown.append(review.read_case(sqlite_rt, OFFICER, case).row.id)

    with pytest.raises(StorageFull):
        read_until_it_is_full()
    assert len(entries(sqlite_rt, "case.read")) == len(shown)


def test_a_full_disk_of_postgres_is_told_and_stores_nothing(
    postgres_url: str, tmp_path: Path
) -> None:
    rt = make_runtime(postgres_url, tmp_path, Clock())
    case = _case(rt)
    with rt.database.write() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION no_room() RETURNS trigger AS $$ BEGIN "
            "RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$ LANGUAGE plpgsql"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER full_disk BEFORE INSERT ON ledger "
            "FOR EACH ROW EXECUTE FUNCTION no_room()"
        )
    before = entries(rt)
    with pytest.raises(StorageFull):
        review.read_case(rt, OFFICER, case)
    assert entries(rt) == before
    rt.database.dispose()


@pytest.mark.postgres
def test_every_route_that_opens_data_leaves_an_entry(
    roles_of: Callable[[str], str], tmp_path: Path, clock: Clock, south: Runtime
) -> None:
    """Every route is served under the weak role. On SQLite the same walk is attacked:
    tests/security/test_api1_object_authorization.py.
    """
    rt = make_runtime(roles_of("rfl_node"), tmp_path, clock)
    with open_desk(rt) as desk:
        driven, kept = set(), dict[str, str]()
        steps = chain(calls(desk, kept), calls_between(desk, south))
        for method, path, call in steps:
            count = Count(rt)
            answer = call()
            assert answer.status_code < 300, (method, path, answer.text)
            new = count.check(f"{method} {path}")
            assert new or path == "/v1/me", f"{method} {path} left no entry"
            driven.add((method, path))
        assert driven == routes()
    rt.database.dispose()


def test_every_refusal_by_the_api_is_one_entry_of_who_was_refused(rt: Runtime) -> None:
    with open_desk(rt) as desk:
        case = desk.officer.open_case()
        refusals = [
            (desk.officer.post("/v1/requests", {"sought": 1}), "invalid-input"),
            (desk.officer.post("/v1/requests", None, content=b"{"), "unsupported-media-type"),
            (desk.officer.get("/v1/cases?limit=0"), "invalid-input"),
            (desk.officer.get("/v1/cases?cursor=x"), "invalid-input"),
            (desk.officer.get("/v1/cases/cas_x"), "invalid-input"),
            (desk.officer.get("/v1/log"), "forbidden"),
            (desk.officer.put(f"/v1/cases/{case}/request", {}), "invalid-input"),
            (desk.auditor().get(f"/v1/cases/{case}"), "forbidden"),
        ]
        denied = [one for one in entries(rt) if one["decision"] == "denied"]
        assert [one["reason"] for one in denied] == [code for _answer, code in refusals]
        for (answer, code), entry in zip(refusals, denied, strict=True):
            assert answer.json()["code"] == code
            assert answer.headers["RFL-Request-Id"] == entry["request"]
            assert entry["actor"].startswith("acc_")
