"""The one way to plaintext writes its entry first, and opens nothing that was moved."""

import pytest
import sqlalchemy as sa

from rfl.domain.access import Verb
from rfl.domain.entry import from_bytes
from rfl.domain.groups import HALF, Group, Half
from rfl.errors import Erased, SealBroken
from rfl.flows.enrol import add_registration, read_registration
from rfl.flows.register import open_case
from rfl.flows.review import read_case
from rfl.flows.runtime import Runtime
from rfl.storage import cases, vault
from rfl.storage import ledger as ledger_file
from rfl.storage.ledger import ledger
from rfl.storage.registrations import registrations
from tests.support import OFFICER, make_registration, make_request


def entries(rt: Runtime) -> list[str]:
    with rt.database.read() as connection:
        bodies = connection.scalars(sa.select(ledger.c.body).order_by(ledger.c.seq)).all()
    return [f"{entry.action} {entry.decision}" for entry in map(from_bytes, bodies)]


def test_an_opened_case_is_what_was_taken_in(rt: Runtime) -> None:
    request = make_request()
    opened = open_case(rt, OFFICER, request, None)
    assert read_case(rt, OFFICER, opened.id).request == request


def test_an_opened_registration_is_what_was_taken_in(rt: Runtime) -> None:
    registration = make_registration(record_id="camp/7")
    made = add_registration(rt, OFFICER, registration)
    assert read_registration(rt, OFFICER, made).registration == registration


def test_every_group_of_every_record_is_sealed_even_if_empty(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(), None)
    with rt.database.read() as connection:
        row = connection.execute(sa.select(cases.cases)).one()
    assert row.id == opened.id
    assert all(getattr(row, name) is not None for name in cases.SEALED)


def test_changed_ciphertext_is_not_opened_and_says_so(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(), None)
    with rt.database.write() as connection:
        identity = connection.scalar(sa.select(cases.cases.c.identity))
        assert identity is not None
        broken = identity[:-1] + bytes([identity[-1] ^ 1])
        connection.execute(sa.update(cases.cases).values(identity=broken))
    with pytest.raises(SealBroken):
        read_case(rt, OFFICER, opened.id)
    assert entries(rt)[-1] == "case.read denied"


def test_a_row_moved_to_another_record_is_not_opened(rt: Runtime) -> None:
    first = add_registration(rt, OFFICER, make_registration())
    second = add_registration(rt, OFFICER, make_registration())
    table = registrations
    with rt.database.write() as connection:
        moved = connection.scalar(sa.select(table.c.identity).where(table.c.id == first))
        connection.execute(sa.update(table).where(table.c.id == second).values(identity=moved))
    with pytest.raises(SealBroken):
        read_registration(rt, OFFICER, second)


def test_keys_moved_to_another_record_do_not_unwrap(rt: Runtime) -> None:
    first = add_registration(rt, OFFICER, make_registration())
    second = add_registration(rt, OFFICER, make_registration())
    keys = vault.record_keys
    with rt.database.write() as connection:
        rest = connection.scalar(sa.select(keys.c.rest).where(keys.c.record_id == first))
        mine = keys.c.record_id == second
        connection.execute(sa.update(keys).where(mine).values(rest=rest))
    with pytest.raises(SealBroken):
        read_registration(rt, OFFICER, second)


def test_the_entry_stands_before_anything_is_opened(
    rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_case(rt, OFFICER, make_request(), None)
    seen: list[str] = []
    real_append, real_open = vault.ledger.append, vault.open_sealed
    monkeypatch.setattr(
        vault.ledger, "append", lambda *a, **k: (seen.append("entry"), real_append(*a, **k))[1]
    )
    monkeypatch.setattr(
        vault, "open_sealed", lambda k, s, v: (seen.append(s.column), real_open(k, s, v))[1]
    )
    read_case(rt, OFFICER, opened.id)
    assert seen[:2] == ["tie", "entry"]
    assert set(seen[2:]) == {"identity", "contact", "circumstances", "sensitive", "result"}


def test_opening_without_an_entry_is_a_programming_error(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(), None)
    with rt.begin(OFFICER, Verb.CASE_READ) as work:
        _row, sealed = cases.load(work, opened.id)
        with pytest.raises(AssertionError, match="entry must stand"):
            vault.open_logged(work, sealed, Group.IDENTITY, Half.IDENTITY)


def test_a_record_whose_keys_are_gone_is_erased(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(), None)
    with rt.database.write() as connection:
        connection.execute(sa.delete(vault.record_keys))
    with pytest.raises(Erased):
        read_case(rt, OFFICER, opened.id)


def test_the_matcher_needs_the_identity_half_alone() -> None:
    assert {group for group, half in HALF.items() if half is Half.IDENTITY} == {
        Group.IDENTITY,
        Group.TERMS,
    }


def test_the_agent_is_never_ahead_of_what_the_works_have_counted(rt: Runtime) -> None:
    case = open_case(rt, OFFICER, make_request(), None).id
    with rt.database.read() as connection:
        wrapped = bytes(connection.scalars(sa.select(vault.record_keys.c.rest)).one())
    with rt.begin(OFFICER, Verb.CASE_READ) as work:
        with work.unwrapping(1):
            rt.agent.unwrap("rest", case, wrapped)
            assert rt.tally.unaccounted() == 0
        ledger_file.append(work, count=1)
    assert rt.tally.unaccounted() == 0


def test_a_key_that_does_not_open_is_not_counted(rt: Runtime) -> None:
    case = open_case(rt, OFFICER, make_request(), None).id
    with rt.begin(OFFICER, Verb.CASE_READ) as work:
        vault.load_keys(work, [case], Half.REST)
        work.wrapped[case] = work.wrapped[case][::-1]
        with pytest.raises(SealBroken):
            vault.load_keys(work, [case], Half.IDENTITY)
        assert work.unwrapped == 1
        ledger_file.append(work, count=1)
    assert rt.tally.unaccounted() == 0
