"""The second wall: on PostgreSQL a transaction reaches the records that its setting says."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import product
from pathlib import Path

import pytest
import sqlalchemy as sa

from rfl.background import settle
from rfl.domain.access import Actor, Role, Verb
from rfl.domain.purpose import Purpose
from rfl.errors import Forbidden, NotFound, StorageFailed
from rfl.flows import enrol, register, review, search
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.storage import direct, migrate
from rfl.storage.accounts import accounts
from rfl.storage.columns import metadata
from rfl.storage.guarded import GUARDED
from rfl.storage.reach import EVERYTHING, reach_of
from tests.api.support import entries
from tests.support import (
    BRANCH,
    OFFICER,
    Clock,
    make_actor,
    make_call,
    make_person,
    make_registration,
    make_request,
    make_runtime,
)

pytestmark = pytest.mark.postgres
THEIRS = make_call(branch="skopje")

# Has a branch, and says nothing of a person.
NO_RECORDS = {"accounts", "notices", "recalls"}

# What a connection may be told: nothing, the wrong thing, or more than one thing.
LIES = (
    *("", "=", "~", "-", "skopje", "=Skopje", "= skopje", "=skopje'", "=skopje%", "=sk_pje"),
    *("**", " *", "%", "=*", "=skopje,=gevgelija", "' OR '1'='1", "\\", "-skopje", "-gevgelija"),
)


@pytest.fixture
def node(roles_of: Callable[[str], str], tmp_path: Path, clock: Clock) -> Iterator[Runtime]:
    """A node under its own role, with a case and a registration of each of two branches."""
    rt = make_runtime(roles_of("rfl_node"), tmp_path, clock)
    for call in (OFFICER, THEIRS):
        register.open_case(rt, call, make_request(), None)
        enrol.add_registration(rt, call, make_registration(make_person("Maryam Hosseini")))
        register.open_intake(rt, call)
    yield rt
    rt.database.dispose()


def counted(rt: Runtime, reach: str | None) -> list[int]:
    """How many cases, files, journals, registrations and intakes a transaction is shown."""
    tables = ("cases", "casefiles", "journals", "registrations", "intakes")
    with rt.database.read(reach) as connection:
        return [
            connection.execute(sa.select(sa.func.count()).select_from(sa.table(one))).scalar_one()
            for one in tables
        ]


def test_a_transaction_reaches_what_it_says_and_nothing_by_a_lie(node: Runtime) -> None:
    assert counted(node, EVERYTHING) == [2, 2, 2, 2, 2]
    assert counted(node, f"={BRANCH}") == [1, 1, 1, 1, 1]
    assert counted(node, f"~{BRANCH}") == [2, 2, 2, 2, 1]
    # The pool hands out the connection that has just reached everything.
    assert counted(node, None) == [0, 0, 0, 0, 0]
    for lie in LIES:
        across = [2, 2, 2, 2, 0] if lie.startswith("~") else [0, 0, 0, 0, 0]
        assert counted(node, lie) == across, lie


def test_what_is_out_of_reach_can_neither_be_changed_nor_put_there(node: Runtime) -> None:
    for table in ("cases", "casefiles", "registrations"):
        move = sa.text(f"UPDATE {table} SET id = id")  # noqa: S608 (our own names)
        with node.database.write("=ohrid") as connection:
            assert connection.execute(move).rowcount == 0
    for moved in ("UPDATE cases SET branch = 'ohrid'", "UPDATE registrations SET branch = 'ohrid'"):
        with (
            pytest.raises(StorageFailed, match="42501"),
            node.database.write(f"={BRANCH}") as connection,
        ):
            connection.exec_driver_sql(moved)


def test_the_setting_ends_with_its_transaction_however_that_ends(node: Runtime) -> None:
    asked = "SELECT coalesce(current_setting('rfl.reach', true), '')"
    node.database.dispose()
    with node.database.engine.connect() as only:
        for how in ("commit", "rollback", "error"):
            only.execution_options(rfl_begin=direct.beginning("BEGIN", "*"))
            transaction = only.begin()
            assert only.exec_driver_sql(asked).scalar() == "*"
            if how == "error":
                with pytest.raises(sa.exc.DBAPIError):
                    only.exec_driver_sql("SELECT 1/0")
            transaction.commit() if how == "commit" else transaction.rollback()
            only.execution_options(rfl_begin=("BEGIN",))
            with only.begin():
                assert only.exec_driver_sql(asked).scalar() == ""


def test_a_record_out_of_reach_is_refused_as_the_domain_refuses_it(node: Runtime) -> None:
    with node.database.read(EVERYTHING) as connection:
        found = connection.exec_driver_sql("SELECT id, branch FROM cases").all()
        taken = connection.exec_driver_sql("SELECT id, branch FROM registrations").all()
    [theirs] = [row.id for row in found if row.branch != BRANCH]
    [listed] = [row.id for row in taken if row.branch != BRANCH]
    with pytest.raises(Forbidden):
        review.read_case(node, OFFICER, theirs)
    with pytest.raises(Forbidden):
        enrol.read_registration(node, OFFICER, listed)
    with pytest.raises(NotFound):
        review.read_case(node, OFFICER, "cas_" + 26 * "0")
    refused = [one for one in entries(node, "case.read") if one["decision"] == "denied"]
    assert [len(one["objects"]) for one in refused] == [1, 0]
    assert review.read_case(node, THEIRS, theirs)


def test_a_search_is_shown_persons_of_every_branch(node: Runtime) -> None:
    intake = register.open_intake(node, OFFICER).id
    from_memory = search.search(node, OFFICER, intake, make_person("Maryam Hosseini"))
    assert from_memory == []
    settle(node)
    found = search.search(node, OFFICER, intake, make_person("Maryam Hosseini"))
    assert len({hit.record for hit in found}) == 4


def test_the_reach_follows_from_role_branch_and_verb() -> None:
    for role in Role:
        actor = make_actor(role)
        reaches = {verb: reach_of(actor, verb) for verb in Verb}
        if role in (Role.SERVICE, Role.PEER, Role.DATA_PROTECTION_OFFICER):
            assert set(reaches.values()) == {"*"}
        else:
            assert reaches[Verb.SEARCH] == f"~{BRANCH}"
            reads = "-" if role in (Role.AUDITOR, Role.ADMINISTRATOR) else "="
            assert reaches[Verb.CASE_READ] == reads + BRANCH
    assert reach_of(Actor("acc_x", Role.SUPERVISOR, "*"), Verb.CASE_READ) == "=*"
    assert reach_of(OFFICE_CALL.actor, Verb.RETAIN) == EVERYTHING
    assert OFFICE_CALL.purpose is Purpose.ADMINISTRATION


def test_a_question_without_a_reach_is_refused_for_every_guarded_table_on_both(
    node: Runtime, sqlite_rt: Runtime
) -> None:
    """PostgreSQL would find nothing and SQLite everything, neither of them with a word."""
    tables = migrate.register_tables(metadata).tables
    for rt, (name, table) in product((node, sqlite_rt), tables.items()):
        refused: AbstractContextManager[object] = nullcontext()
        if name in GUARDED:
            refused = pytest.raises(AssertionError, match=f"^{name} is asked without a reach$")
        asked = sa.select(*list(table.primary_key.columns)[:1]).limit(1)
        with rt.ask(OFFICE_CALL, Verb.RETAIN) as work:
            with refused:
                work.connection.execute(asked).all()
            with refused:
                direct.first(work.connection, asked, {})
            with refused:
                work.connection.execute(asked.where(sa.exists().select_from(accounts)))


def test_every_table_with_a_branch_is_guarded_in_the_database_too(node: Runtime) -> None:
    tables = migrate.register_tables(metadata).tables
    with_branch = {name for name, table in tables.items() if "branch" in table.c}
    assert with_branch - NO_RECORDS <= GUARDED
    asked = (
        "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid"
        " WHERE relrowsecurity AND relforcerowsecurity AND polcmd = '*' AND polpermissive"
    )
    with node.database.read() as connection:
        assert sorted(connection.exec_driver_sql(asked).scalars()) == sorted(GUARDED)
