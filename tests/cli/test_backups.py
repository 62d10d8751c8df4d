"""A backup comes back whole or not at all, and never brings back what was erased."""

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from rfl.background import settle
from rfl.crypto.agent import LocalAgent
from rfl.crypto.keyring import FileProvider, make_key_file
from rfl.domain.access import Role, Verb
from rfl.domain.call import CallWay, FamilyCall
from rfl.domain.enquiry import Channel, Enquiry
from rfl.domain.purpose import Purpose
from rfl.domain.received import Received
from rfl.errors import Conflict, Erased, Forbidden, KeyUnavailable, NotFound, RflError, SealBroken
from rfl.flows import rotate_keys
from rfl.flows.account_for import entries_about, latest_entries
from rfl.flows.back_up import BackedUp, back_up, restore
from rfl.flows.decide import list_matches
from rfl.flows.enrol import add_registration, read_registration
from rfl.flows.erase import erase_case, erase_registration
from rfl.flows.receive_enquiry import receive_enquiry
from rfl.flows.record_call import read_call, record_call
from rfl.flows.register import open_case
from rfl.flows.review import read_case
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.flows.send_message import collect_message, read_message
from rfl.flows.work_enquiry import read_enquiry
from rfl.storage import dump, ledger, migrate, received
from rfl.storage.database import Database
from rfl.storage.lifecycle import destroy_messages
from rfl.storage.vault import record_keys
from tests.cli.support import Cli
from tests.flows.test_messages import LETTER
from tests.support import (
    DPO,
    OFFICER,
    SUPERVISOR,
    Clock,
    make_call,
    make_registration,
    make_request,
    make_runtime,
)

AUDITOR = make_call(Role.AUDITOR, Purpose.AUDIT)


@pytest.fixture
def empty(tmp_path: Path, clock: Clock) -> Iterator[Runtime]:
    """A second, empty database with tables, on SQLite, under the same keys."""
    url = f"sqlite:///{tmp_path / 'second.db'}"
    migrate.upgrade(Database(url))
    runtime = make_runtime(url, tmp_path, clock)
    yield runtime
    runtime.database.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def test_what_was_backed_up_can_be_read_and_used_after_it_is_restored(
    rt: Runtime, empty: Runtime, folder: Path
) -> None:
    registration = add_registration(rt, OFFICER, make_registration())
    request = make_request()
    case = open_case(rt, OFFICER, request, None).id
    settle(rt)
    made = back_up(rt, OFFICE_CALL, folder)
    done = restore(empty, OFFICE_CALL, folder)
    assert (done.backup, done.rows, done.erased) == (made.backup, made.rows, 0)
    assert read_case(empty, OFFICER, case).request == request
    assert read_registration(empty, OFFICER, registration).row.id == registration
    [match] = list_matches(empty, OFFICER, case)
    assert match.other.record == registration
    assert entries_about(empty, DPO_LOG, case)[0].action == "case.open"
    add_registration(empty, OFFICER, make_registration())
    settle(empty)
    assert len(list_matches(empty, OFFICER, case)) == 2


@pytest.mark.postgres
def test_a_backup_of_sqlite_comes_back_on_postgresql(
    sqlite_rt: Runtime, postgres_url: str, folder: Path, tmp_path: Path, clock: Clock
) -> None:
    request = make_request()
    case = open_case(sqlite_rt, OFFICER, request, None).id
    back_up(sqlite_rt, OFFICE_CALL, folder)
    other = make_runtime(postgres_url, tmp_path, clock)
    restore(other, OFFICE_CALL, folder)
    assert read_case(other, OFFICER, case).request == request
    add_registration(other, OFFICER, make_registration())
    settle(other)
    assert len(list_matches(other, OFFICER, case)) == 1
    other.database.dispose()


def test_an_erased_record_stays_erased_when_older_data_meets_newer_keys(
    rt: Runtime, empty: Runtime, tmp_path: Path, clock: Clock
) -> None:
    case = open_case(rt, OFFICER, make_request(), None).id
    kept = open_case(rt, OFFICER, make_request(), None).id
    camp = make_registration(record_id="V-0041")
    registration = add_registration(rt, OFFICER, camp)
    settle(rt)
    back_up(rt, OFFICE_CALL, tmp_path / "monday")
    erase_case(rt, SUPERVISOR, case, "data_subject_request")
    erase_registration(rt, SUPERVISOR, registration, "data_subject_request")
    clock.move(days=1)
    back_up(rt, OFFICE_CALL, tmp_path / "tuesday")
    shutil.copy(tmp_path / "tuesday" / "keys.rflb", tmp_path / "monday" / "keys.rflb")
    assert restore(empty, OFFICE_CALL, tmp_path / "monday").erased == 2
    with pytest.raises(Erased):
        read_case(empty, OFFICER, case)
    with pytest.raises(NotFound):
        read_registration(empty, OFFICER, registration)
    with pytest.raises(Conflict):
        add_registration(empty, OFFICER, camp)
    assert read_case(empty, OFFICER, kept).row.id == kept
    settle(empty)
    assert list_matches(empty, OFFICER, kept) == []


def test_what_stands_beside_cases_comes_back_with_its_keys(
    rt: Runtime, empty: Runtime, tmp_path: Path, clock: Clock
) -> None:
    """Messages, calls, enquiries, and what other societies sent have keys of their own."""
    kept, ended = (collect_message(rt, OFFICER, LETTER) for _each in range(2))
    call = record_call(rt, OFFICER, FamilyCall(rt.today(), CallWay.PHONE, OFFICER.actor.id, True))
    enquiry = receive_enquiry(rt, OFFICER, Enquiry(Channel.VISIT, "A woman", "Lost", True))
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_RECEIVE) as work:
        received.bury(work, Received("south", "ref", None, rt.today()), work.micros, (1, 1))
    before = _keys(rt)
    back_up(rt, OFFICE_CALL, tmp_path / "monday")
    with rt.begin(OFFICE_CALL, Verb.RETAIN) as work:
        ledger.append(work)
        destroy_messages(work, [ended])
    clock.move(days=1)
    back_up(rt, OFFICE_CALL, tmp_path / "tuesday")
    shutil.copy(tmp_path / "tuesday" / "keys.rflb", tmp_path / "monday" / "keys.rflb")
    assert restore(empty, OFFICE_CALL, tmp_path / "monday").erased == 1
    assert _keys(empty) == before - {ended}
    assert read_message(empty, OFFICER, kept).message == LETTER
    assert read_call(empty, OFFICER, call)
    assert read_enquiry(empty, OFFICER, enquiry)
    with pytest.raises(NotFound):
        read_message(empty, OFFICER, ended)


def _keys(rt: Runtime) -> set[str]:
    with rt.ask(OFFICE_CALL, Verb.RETAIN) as work:
        return set(work.connection.scalars(select(record_keys.c.record_id)))


def test_keys_older_than_the_data_are_refused_since_newer_records_would_be_lost(
    rt: Runtime, empty: Runtime, tmp_path: Path, clock: Clock
) -> None:
    back_up(rt, OFFICE_CALL, tmp_path / "monday")
    clock.move(days=1)
    back_up(rt, OFFICE_CALL, tmp_path / "tuesday")
    shutil.copy(tmp_path / "monday" / "keys.rflb", tmp_path / "tuesday" / "keys.rflb")
    _refused(empty, tmp_path / "tuesday", Conflict)


def _cut(content: bytes) -> bytes:
    return content[:-20]


def _cut_at_the_head(content: bytes) -> bytes:
    return content[:10]


def _changed_at_the_head(content: bytes) -> bytes:
    return content[:40] + bytes([content[40] ^ 1]) + content[41:]


def _changed_at_the_end(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


def _longer(content: bytes) -> bytes:
    return content + b"\0"


def _emptied(_content: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("name", ["data.rflb", "keys.rflb"])
@pytest.mark.parametrize(
    "harm", [_cut, _cut_at_the_head, _changed_at_the_head, _changed_at_the_end, _longer, _emptied]
)
def test_a_harmed_file_is_refused_and_nothing_is_restored(
    sqlite_rt: Runtime, empty: Runtime, folder: Path, name: str, harm: Callable[[bytes], bytes]
) -> None:
    open_case(sqlite_rt, OFFICER, make_request(), None)
    back_up(sqlite_rt, OFFICE_CALL, folder)
    path = folder / name
    path.write_bytes(harm(path.read_bytes()))
    error = _refused(empty, folder, SealBroken)
    assert error.field == name
    assert "nothing was restored" in error.rule


def test_one_file_cannot_stand_in_for_the_other(
    sqlite_rt: Runtime, empty: Runtime, folder: Path
) -> None:
    back_up(sqlite_rt, OFFICE_CALL, folder)
    shutil.copy(folder / "keys.rflb", folder / "data.rflb")
    assert _refused(empty, folder, SealBroken).field == "data.rflb"


@pytest.mark.parametrize("name", ["data.rflb", "keys.rflb"])
def test_a_missing_file_is_refused(
    sqlite_rt: Runtime, empty: Runtime, folder: Path, name: str
) -> None:
    back_up(sqlite_rt, OFFICE_CALL, folder)
    (folder / name).unlink()
    _refused(empty, folder, NotFound)


def test_a_node_with_other_keys_cannot_restore(
    sqlite_rt: Runtime, empty: Runtime, folder: Path, tmp_path: Path
) -> None:
    back_up(sqlite_rt, OFFICE_CALL, folder)
    make_key_file(tmp_path / "other.key")
    provider = FileProvider(tmp_path / "other.json", key_file=tmp_path / "other.key")
    provider.create()
    stranger = replace(empty, agent=LocalAgent(provider))
    _refused(stranger, folder, SealBroken)


def test_a_backup_whose_key_version_was_destroyed_cannot_be_restored(
    sqlite_rt: Runtime, empty: Runtime, folder: Path
) -> None:
    open_case(sqlite_rt, OFFICER, make_request(), None)
    back_up(sqlite_rt, OFFICE_CALL, folder)
    rotate_keys.rotate_keys(sqlite_rt, OFFICE_CALL)
    rotate_keys.destroy_old_keys(sqlite_rt, OFFICE_CALL)
    assert isinstance(empty.agent, LocalAgent)
    empty.agent.reload()
    _refused(empty, folder, KeyUnavailable)


def test_a_backup_from_before_a_rotation_comes_back_under_the_new_version(
    sqlite_rt: Runtime, empty: Runtime, folder: Path
) -> None:
    case = open_case(sqlite_rt, OFFICER, make_request(), None).id
    back_up(sqlite_rt, OFFICE_CALL, folder)
    rotate_keys.rotate_keys(sqlite_rt, OFFICE_CALL)
    assert isinstance(empty.agent, LocalAgent)
    empty.agent.reload()
    restore(empty, OFFICE_CALL, folder)
    assert rotate_keys.records_by_version(empty, OFFICE_CALL) == {2: 1}
    assert read_case(empty, OFFICER, case).row.id == case


def test_a_database_that_is_not_empty_is_not_touched(rt: Runtime, folder: Path) -> None:
    case = open_case(rt, OFFICER, make_request(), None).id
    back_up(rt, OFFICE_CALL, folder)
    with pytest.raises(Conflict):
        restore(rt, OFFICE_CALL, folder)
    assert read_case(rt, OFFICER, case).row.id == case
    denied = [one for one in latest_entries(rt, AUDITOR) if one.action == "restore"]
    assert [(one.decision, one.reason) for one in denied] == [("denied", "conflict")]


def test_a_backup_of_another_society_is_refused(
    sqlite_rt: Runtime, empty: Runtime, folder: Path
) -> None:
    back_up(sqlite_rt, OFFICE_CALL, folder)
    _refused(replace(empty, rules=replace(empty.rules, society="south")), folder, Conflict)


def test_a_backup_is_of_one_moment_is_logged_and_is_for_its_owner_alone(
    rt: Runtime, folder: Path
) -> None:
    request = make_request()
    open_case(rt, OFFICER, request, None)
    made = back_up(rt, OFFICE_CALL, folder)
    assert made.destroy_keys_after == "2026-03-15"
    for name in ("data.rflb", "keys.rflb"):
        path = folder / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        content = path.read_bytes()
        for person in request.persons():
            assert person.names[0].text.encode() not in content
    assert sorted(path.name for path in folder.iterdir()) == ["data.rflb", "keys.rflb"]
    entries = [one for one in latest_entries(rt, AUDITOR) if one.action == "backup"]
    assert [one.reason for one in entries] == ["complete", "begun"]
    assert entries[0].count == sum(made.rows.values())


def test_a_backup_overwrites_nothing(sqlite_rt: Runtime, folder: Path) -> None:
    first = back_up(sqlite_rt, OFFICE_CALL, folder)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(Conflict):
        back_up(sqlite_rt, OFFICE_CALL, folder)
    assert isinstance(first, BackedUp)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_backup_that_breaks_off_leaves_no_file(
    sqlite_rt: Runtime, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_given: object) -> Iterator[list[list[object]]]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(dump, "rows_of", break_off)
    with pytest.raises(RflError, match="storage-full"):
        back_up(sqlite_rt, OFFICE_CALL, folder)
    assert list(folder.iterdir()) == []


def test_nobody_but_the_node_itself_makes_or_restores_backups(
    sqlite_rt: Runtime, empty: Runtime, folder: Path
) -> None:
    with pytest.raises(Forbidden):
        back_up(sqlite_rt, SUPERVISOR, folder)
    assert not folder.exists()
    back_up(sqlite_rt, OFFICE_CALL, folder)
    with pytest.raises(Forbidden):
        restore(empty, SUPERVISOR, folder)


def test_the_commands_do_the_same(node: Cli, tmp_path: Path) -> None:
    made = node("backup", tmp_path / "b", "--json").document
    assert made["rows"]["accounts"] == 1
    again = node("backup", tmp_path / "b")
    assert again.err.startswith("rfl: conflict: The folder holds a backup already")
    keyring = Path(node.settings["RFL_DATA"]) / "keyring.json"
    node.settings |= {
        "RFL_DATABASE": f"sqlite:///{tmp_path / 'new.db'}",
        "RFL_KEYRING": str(keyring),
    }
    refused = node("restore", tmp_path / "b")
    assert (refused.code, "rfl db upgrade" in refused.err) == (2, True)
    assert node("db", "upgrade", "--json").document["is_newest"] is True
    restored = node("restore", tmp_path / "b", "--json").document
    assert (restored["backup"], restored["rows"]) == (made["backup"], made["rows"])
    assert node("restore", tmp_path / "b").err.startswith("rfl: conflict: The database is not")


DPO_LOG = replace(DPO, purpose=Purpose.AUDIT)


def _refused(rt: Runtime, folder: Path, kind: type[RflError]) -> RflError:
    """Return the refusal of a restore, which leaves the database empty and usable."""
    with pytest.raises(kind) as refusal:
        restore(rt, OFFICE_CALL, folder)
    with rt.look(OFFICE_CALL, Verb.RESTORE) as work:
        assert dump.is_empty(work)
    return refusal.value
