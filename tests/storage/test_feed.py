"""The change feed: nothing that commits late is skipped, nothing is taken twice."""

import threading
from collections.abc import Callable

from rfl.domain.access import Verb
from rfl.flows.runtime import MATCHER_CALL, Runtime
from rfl.flows.tidy import FEED_MICROS, tidy
from rfl.storage import feed
from rfl.storage.feed import Position
from tests.support import Clock

EVERYTHING = Position(2**62, 2**62)


def announce(rt: Runtime, *records: str) -> None:
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        feed.announce(work, records)


def after(rt: Runtime, position: Position) -> list[feed.Change]:
    with rt.look(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        return feed.after(work, position, 1_000)


def held_open(rt: Runtime, record: str) -> tuple[threading.Thread, Callable[[], None]]:
    """A transaction that has announced and does not commit before it is let go."""
    announced, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
            feed.announce(work, [record])
            announced.set()
            let_go.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    assert announced.wait(10)
    return thread, let_go.set


def test_changes_come_in_order_and_once(rt: Runtime) -> None:
    announce(rt, "cas_1", "cas_2")
    announce(rt, "cas_1")
    first = after(rt, Position())
    assert [change.record for change in first] == ["cas_1", "cas_2", "cas_1"]
    assert after(rt, first[-1].position) == []
    assert [change.record for change in after(rt, first[0].position)] == ["cas_2", "cas_1"]


def test_a_late_commit_is_not_skipped(rt: Runtime) -> None:
    if rt.database.is_sqlite:
        # One writer at a time: a transaction that began earlier has committed earlier.
        announce(rt, "cas_early")
        announce(rt, "cas_late")
        assert [change.record for change in after(rt, Position())] == ["cas_early", "cas_late"]
        return
    thread, let_go = held_open(rt, "cas_late")
    announce(rt, "cas_early")
    seen = after(rt, Position())
    position = seen[-1].position if seen else Position()
    let_go()
    thread.join()
    assert {change.record for change in seen + after(rt, position)} == {"cas_early", "cas_late"}


def test_the_head_lets_nothing_through_that_was_not_visible(rt: Runtime) -> None:
    announce(rt, "cas_before")
    with rt.look(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        position = feed.head(work)
    announce(rt, "cas_after")
    assert [change.record for change in after(rt, position)] == ["cas_after"]


def test_what_is_matched_is_not_offered_again(rt: Runtime) -> None:
    announce(rt, "cas_1", "cas_2")
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        changes = feed.unmatched(work, EVERYTHING, 10)
        feed.mark_matched(work, [changes[0].position.id])
        assert feed.waiting(work) == 1
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        assert [change.record for change in feed.unmatched(work, EVERYTHING, 10)] == ["cas_2"]


def test_no_further_is_matched_than_the_pools_have_come(rt: Runtime) -> None:
    announce(rt, "cas_1")
    position = after(rt, Position())[-1].position
    announce(rt, "cas_2")
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        assert [change.record for change in feed.unmatched(work, position, 10)] == ["cas_1"]


def test_old_rows_go_once_they_are_matched(rt: Runtime, clock: Clock) -> None:
    announce(rt, "cas_1", "cas_2")
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        feed.mark_matched(work, [feed.unmatched(work, EVERYTHING, 10)[0].position.id])
    clock.move(seconds=FEED_MICROS / 1_000_000 + 1)
    tidy(rt)
    assert [change.record for change in after(rt, Position())] == ["cas_2"]


def test_an_erased_record_is_announced_and_not_matched(rt: Runtime) -> None:
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        feed.announce(work, ["cas_1"], match=False)
        assert feed.waiting(work) == 0
    assert [change.record for change in after(rt, Position())] == ["cas_1"]


def test_no_family_waits_behind_a_long_list(rt: Runtime) -> None:
    announce(rt, "reg_1", "reg_2", "cas_1", "reg_3", "cas_2")
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        for limit, expected in ((1, "cas_1"), (3, "cas_1 cas_2 reg_1")):
            found = feed.unmatched(work, EVERYTHING, limit)
            assert [change.record for change in found] == expected.split()
