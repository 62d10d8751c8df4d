"""What threads bring at about the same time is done together, and nobody waits for long."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from rfl.exchange import gathering
from rfl.exchange.gathering import Gathering

MANY = 8


class Refused(Exception):
    """What doing it raised."""


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow this machine is, half of the threads come in time."""
    monkeypatch.setattr(gathering, "PATIENCE_SECONDS", 60.0)


def bring_all(together: Gathering[int, int]) -> list[int | str]:
    """Let as many threads as there are take part, and bring a number each."""
    ready = threading.Barrier(MANY)

    def bring(number: int) -> int | str:
        with together.joined():
            ready.wait()
            try:
                return together.bring(number)
            except Refused as failure:
                return str(failure)

    with ThreadPoolExecutor(MANY) as threads:
        return list(threads.map(bring, range(MANY)))


@pytest.mark.usefixtures("patient")
def test_each_gets_what_is_for_it_and_few_are_done_alone() -> None:
    done: list[Sequence[int]] = []

    def double(numbers: Sequence[int]) -> list[int]:
        done.append(numbers)
        return [2 * one for one in numbers]

    assert bring_all(Gathering(double)) == [2 * one for one in range(MANY)]
    assert sorted(one for some in done for one in some) == list(range(MANY))
    assert len(done[0]) >= MANY // 2


def test_who_is_alone_is_done_at_once_and_again() -> None:
    together: Gathering[int, int] = Gathering(lambda numbers: numbers)
    with together.joined():
        assert [together.bring(one) for one in range(3)] == [0, 1, 2]


@pytest.mark.usefixtures("patient")
def test_what_fails_fails_for_all_that_were_done_together_and_not_for_those_behind() -> None:
    first = [True]

    def refuse_once(numbers: Sequence[int]) -> Sequence[int]:
        if first:
            first.clear()
            raise Refused("no")
        return numbers

    together: Gathering[int, int] = Gathering(refuse_once)
    got = bring_all(together)
    assert got.count("no") >= MANY // 2
    assert all(one in ("no", number) for number, one in enumerate(got))
    assert together.bring(9) == 9


def test_who_takes_part_and_brings_nothing_holds_up_nobody() -> None:
    together: Gathering[int, int] = Gathering(lambda numbers: numbers)
    with together.joined(), together.joined(), together.joined():
        assert together.bring(1) == 1
