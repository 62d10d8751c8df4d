"""A large start lets other processes open and sort: nothing else about it is different."""

import logging

import pytest

from rfl.background import settle
from rfl.domain.person import Person, Sex
from rfl.domain.request import Level
from rfl.flows import follow
from rfl.flows.enrol import add_registration
from rfl.flows.follow import load_pools
from rfl.flows.register import open_case
from rfl.flows.runtime import Runtime
from rfl.matching.pools import Candidate, Pool, Pools
from rfl.matching.prepared import prepare
from rfl.matching.terms import TERMS_VERSION
from tests.support import OFFICER, make_person, make_registration, make_request

NAMES = ("Maryam Hosseini", "مريم حسيني", "Марија Хосеини", "Maryam Hosseini Karimi", "Mariam H.")


def woman(name: str) -> Person:
    return make_person(name, sex=Sex.FEMALE, birth="1961-05-09")


def everybody(pools: Pools) -> tuple[list[int], dict[Pool, list[Candidate]]]:
    query = prepare(woman(NAMES[0]))
    sizes = [len(pools.registered), len(pools.sought), len(pools.enquirers)]
    return sizes, {pool: pools.find(pool, query, 100, but="") for pool in Pool}


def entries(rt: Runtime) -> int:
    with rt.database.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM ledger").scalar_one())


@pytest.fixture
def filled(rt: Runtime, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """Registrations of today's rules, of older ones, one that is hidden; and a case."""
    with monkeypatch.context() as before:
        before.setattr("rfl.matching.terms.TERMS_VERSION", TERMS_VERSION - 1)
        add_registration(rt, OFFICER, make_registration(woman("Meryem Hüseyni")))
    for name in NAMES:
        add_registration(rt, OFFICER, make_registration(woman(name)))
    hidden = make_registration(woman(NAMES[0]), level=Level.NAMED_PERSONS_ONLY)
    add_registration(rt, OFFICER, hidden)
    open_case(rt, OFFICER, make_request(make_person("Ali Hosseini"), woman(NAMES[0])), None)
    return rt


def test_processes_beside_put_in_what_one_alone_does(
    filled: Runtime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rt = filled
    load_pools(rt)
    alone, entered = everybody(rt.pools), entries(rt)
    assert alone[0] == [len(NAMES) + 1, 1, 1]
    monkeypatch.setattr(follow, "MANY", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    rt.pools = Pools()
    before = rt.agent.unwraps()
    load_pools(rt)
    assert everybody(rt.pools) == alone
    # Eight records, and the one of older rules once more: all keys were unwrapped here.
    assert rt.agent.unwraps() - before == len(NAMES) + 4
    assert entries(rt) == entered + 1
    assert rt.tally.unaccounted() == 0
    assert caplog.records == []
    settle(rt)


@pytest.mark.parametrize("opener", ["rfl.nowhere", "this"])
def test_a_process_that_is_lost_leaves_the_start_to_this_one(
    filled: Runtime,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    opener: str,
) -> None:
    rt = filled
    load_pools(rt)
    alone, entered = everybody(rt.pools), entries(rt)
    monkeypatch.setattr(follow, "MANY", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr(follow, "OPENER", opener)
    rt.pools = Pools()
    with caplog.at_level(logging.WARNING):
        load_pools(rt)
    assert everybody(rt.pools) == alone
    assert entries(rt) == entered + 2
    assert rt.tally.unaccounted() == 0
    assert "opening them here" in caplog.text
