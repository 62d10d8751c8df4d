"""The migration that puts keys in place of words keeps what the log says, both ways."""

import pytest
import sqlalchemy as sa

from rfl.domain.access import Verb
from rfl.flows.runtime import MATCHER_CALL, Runtime
from rfl.storage import ledger, migrate
from tests.support import make_refused

WORDS = "SELECT actor, action FROM ledger ORDER BY seq"
OBJECTS = "SELECT log_id, seq FROM ledger_objects ORDER BY log_id, seq"


def rows(rt: Runtime, statement: str) -> list[tuple[object, ...]]:
    with rt.database.read() as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement))]


def test_a_log_goes_down_to_words_and_up_to_keys_again(rt: Runtime) -> None:
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        ledger.append(work, objects=["log_b", "log_a"])
        ledger.append(work)
    make_refused(rt, MATCHER_CALL, Verb.SEARCH, "log_a")
    keys, objects = rows(rt, WORDS), rows(rt, OBJECTS)
    refused = rows(rt, "SELECT denied FROM ledger ORDER BY seq")
    migrate.downgrade(rt.database, "0002")
    assert rows(rt, WORDS)[1:] == [("service", "match.compare"), ("service", "search")]
    assert rows(rt, OBJECTS) == [("log_a", 1), ("log_a", 3), ("log_b", 1)]
    migrate.upgrade(rt.database)
    assert (rows(rt, WORDS), rows(rt, OBJECTS)) == (keys, objects)
    assert rows(rt, "SELECT denied FROM ledger ORDER BY seq") == refused
    assert [bool(one) for (one,) in refused] == [False, False, True]


@pytest.mark.parametrize("word", ["", "service", "log_kt8jh4dkxhb8arr1rjzj9gtmkr", "š"])
def test_a_key_fits_a_signed_number_of_eight_bytes_and_is_stable(word: str) -> None:
    key = ledger.search_key(word)
    assert -(2**63) <= key < 2**63
    assert key == ledger.search_key(word)
