"""What is put in a tray while something is done is done next, all together, by one thread."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor

import pytest

from rfl.exchange.tray import Tray
from tests.exchange.trays import held

MOST = 3
SECONDS = 60


def fitting(waiting: Sequence[object]) -> int:
    return min(len(waiting), MOST)


def made(do: Callable[[Sequence[int]], Sequence[int | BaseException]]) -> Tray[int, int]:
    return Tray(do, fitting, ThreadPoolExecutor(2))


def test_what_lies_there_is_done_in_its_order_and_no_more_at_once_than_fit() -> None:
    lots: list[list[int]] = []

    def double(numbers: Sequence[int]) -> list[int | BaseException]:
        lots.append(list(numbers))
        return [2 * one for one in numbers]

    tray = made(double)
    with held(tray):
        futures = [tray.put(number) for number in range(8)]
    assert [one.result(SECONDS) for one in futures] == [2 * number for number in range(8)]
    assert lots == [[0, 1, 2], [3, 4, 5], [6, 7]]
    assert tray.put(9).result(SECONDS) == 18


def test_many_threads_put_in_and_one_at_a_time_is_at_work() -> None:
    working, done = threading.Lock(), []

    def keep(numbers: Sequence[int]) -> Sequence[int]:
        assert working.acquire(blocking=False)
        done.extend(numbers)
        working.release()
        return numbers

    tray = made(keep)
    with ThreadPoolExecutor(8) as threads:
        got = list(threads.map(lambda number: tray.put(number).result(SECONDS), range(400)))
    assert got == list(range(400))
    assert sorted(done) == list(range(400))


def test_what_is_wrong_with_one_is_told_to_that_one() -> None:
    tray = made(lambda numbers: [ValueError(str(one)) if one == 1 else one for one in numbers])
    with held(tray):
        futures = [tray.put(number) for number in range(3)]
    assert [futures[0].result(SECONDS), futures[2].result(SECONDS)] == [0, 2]
    with pytest.raises(ValueError, match="1"):
        futures[1].result(SECONDS)


def test_what_fails_fails_for_all_of_its_lot_and_not_for_those_behind() -> None:
    def refuse_first(numbers: Sequence[int]) -> Sequence[int]:
        if 0 in numbers:
            raise ZeroDivisionError
        return numbers

    tray = made(refuse_first)
    with held(tray):
        futures = [tray.put(number) for number in range(5)]
    for one in futures[:MOST]:
        with pytest.raises(ZeroDivisionError):
            one.result(SECONDS)
    assert [one.result(SECONDS) for one in futures[MOST:]] == [3, 4]


def test_who_has_gone_away_before_its_turn_is_left_out() -> None:
    done: list[int] = []

    def keep(numbers: Sequence[int]) -> Sequence[int]:
        done.extend(numbers)
        return numbers

    tray = made(keep)
    with held(tray):
        futures = [tray.put(number) for number in range(3)]
        assert futures[1].cancel()
    assert [futures[0].result(SECONDS), futures[2].result(SECONDS)] == done == [0, 2]
    with pytest.raises(CancelledError):
        futures[1].result(SECONDS)


def test_a_tray_that_is_always_full_leaves_the_thread_to_others() -> None:
    one_thread, order = ThreadPoolExecutor(1), []
    more = list(range(5))

    def busy(numbers: Sequence[int]) -> Sequence[int]:
        order.append("busy")
        if more:
            full.put(more.pop())
        return numbers

    def seldom(numbers: Sequence[int]) -> Sequence[int]:
        order.append("seldom")
        return numbers

    full: Tray[int, int] = Tray(busy, fitting, one_thread)
    other: Tray[int, int] = Tray(seldom, fitting, one_thread)
    begin = threading.Event()
    one_thread.submit(begin.wait, SECONDS)
    full.put(9)
    waiting = other.put(1)
    begin.set()
    assert waiting.result(SECONDS) == 1
    one_thread.shutdown()
    assert order[:2] == ["busy", "seldom"]
