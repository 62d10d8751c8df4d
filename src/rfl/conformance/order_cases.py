"""C3 and C4: once, and in order."""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from rfl.conformance.case import Case, Kind, require
from rfl.conformance.forge import Made, Odd
from rfl.conformance.play import CONFLICT, CREATED, OK, RECEIPTS, Play
from rfl.exchange import batch
from rfl.exchange.encoding import to_text
from rfl.exchange.header import CONTROL_STREAM
from rfl.exchange.receipt import ReceiptStatus

AT_ONCE: Final = 50
LETTERS: Final = 6
PARKED, REJECTED = ReceiptStatus.PARKED, ReceiptStatus.REJECTED
_FORK: Final = "stream-fork"


def _repeat(play: Play) -> None:
    made = play.begin().next()
    receipt = play.taken(made)
    for _time in range(2):
        again = play.put(made)
        require(again.status_code == OK, f"a repeat was answered with {again.status_code}")
        require(again.body == receipt, "a repeat was given another receipt")


def _repeat_later(play: Play) -> None:
    stream = play.begin()
    made = stream.next()
    receipt = play.taken(made)
    play.taken(stream.next())
    play.taken(play.begin().next())
    require(play.put(made).body == receipt, "a late repeat was given another receipt")


def _repeat_in_batch(play: Play) -> None:
    stream = play.begin()
    first, second = stream.next(), stream.next()
    receipt = play.taken(first)
    said = play.put_many([first, second])
    require(len(said) == 2, f"two envelopes were answered with {len(said)} lines")
    require(said[0].receipt == receipt, "a repeat in a batch was given another receipt")
    require(said[1].receipt is not None, "what followed a repeat was not taken")


def _concurrent(play: Play) -> None:
    made = play.begin().next()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lambda _time: play.put(made), range(AT_ONCE)))
    taken = [one for one in answers if one.status_code in (OK, CREATED)]
    others = {one.status_code for one in answers} - {OK, CREATED, 429, 503}
    require(not others, f"repeats at once were answered with {sorted(others)}")
    firsts = sum(one.status_code == CREATED for one in taken)
    require(firsts == 1, f"{firsts} of {AT_ONCE} repeats at once were each the first")
    require(len({one.body for one in taken}) == 1, "repeats at once were given several receipts")
    play.receipt(made, taken[0].body)


def _id_reused(play: Play) -> None:
    stream = play.begin()
    first = stream.next()
    receipt = play.taken(first)
    other = stream.next(Odd(header={"id": first.id}))
    play.refused(play.put(other), CONFLICT, "id-reused")
    require(play.put(first).body == receipt, "the first one's receipt has changed")


def _in_order(play: Play) -> None:
    stream = play.begin()
    many = [stream.next() for _number in range(LETTERS)]
    said = play.put_many(many)
    require(len(said) == LETTERS, f"{LETTERS} envelopes were answered with {len(said)} lines")
    for made, one in zip(many, said, strict=True):
        found = play.receipt(made, one.receipt or b"")
        require(found.status is ReceiptStatus.PROCESSED, f"in order, but {found.status}")
    _head(play, stream.epoch, LETTERS)


def _permuted(play: Play) -> None:
    for seed in range(3):
        stream = play.begin()
        many = [stream.next() for _number in range(LETTERS)]
        for made in random.Random(seed).sample(many, LETTERS):  # noqa: S311 (repeatable)
            play.receipt(made, play.put(made).body)
        _all_processed(play, many)
        _head(play, stream.epoch, LETTERS)


def _gap(play: Play) -> None:
    stream = play.begin()
    first, second, third = stream.next(), stream.next(), stream.next()
    play.taken(third, PARKED)
    play.taken(second, PARKED)
    require(play.heads().get(CONTROL_STREAM, (0, 0))[0] < stream.epoch, "a gap was jumped over")
    play.taken(first)
    _all_processed(play, [first, second, third])


def _poison(play: Play) -> None:
    stream = play.begin()
    play.taken(stream.next(Odd(inner={"seq": 99})), REJECTED, "bad-envelope")
    play.taken(stream.next())


def _poison_parked(play: Play) -> None:
    stream = play.begin()
    first, second, third = stream.next(), stream.next(Odd(inner={"seq": 99})), stream.next()
    play.taken(second, PARKED)
    play.taken(third, PARKED)
    play.taken(first)
    found = play.receipt(second, play.receipt_again(second.id).body)
    require((found.status, found.reason) == (REJECTED, "bad-envelope"), f"it is {found.status}")
    _all_processed(play, [third])


def _fork(play: Play) -> None:
    stream = play.begin()
    play.taken(stream.next())
    play.refused(play.put(stream.at(1)), CONFLICT, _FORK)
    play.taken(stream.next())


def _fork_parked(play: Play) -> None:
    stream = play.begin()
    first, second = stream.next(), stream.next()
    play.taken(second, PARKED)
    play.refused(play.put(stream.at(2)), CONFLICT, _FORK)
    play.taken(first)


def _broken_prev(play: Play) -> None:
    stream = play.begin()
    play.taken(stream.next())
    wrong = {"prev": to_text(b"\x07" * 32)}
    play.refused(play.put(stream.at(2, Odd(header=wrong))), CONFLICT, _FORK)
    play.taken(stream.next())


def _broken_prev_first(play: Play) -> None:
    wrong = {"prev": to_text(b"\x07" * 32)}
    play.refused(play.put(play.begin().next(Odd(header=wrong))), CONFLICT, _FORK)


def _broken_prev_parked(play: Play) -> None:
    stream = play.begin()
    first, second = stream.next(), stream.next(Odd(header={"prev": to_text(b"\x07" * 32)}))
    play.taken(second, PARKED)
    play.taken(first)
    found = play.receipt(second, play.receipt_again(second.id).body)
    require((found.status, found.reason) == (REJECTED, _FORK), f"it is {found.status}")


def _passed(play: Play) -> None:
    old = play.begin()
    play.taken(old.next())
    play.taken(play.begin().next())
    play.refused(play.put(old.at(9)), CONFLICT, "already-processed")


def _epoch(play: Play) -> None:
    old = play.begin()
    old.next()
    waiting = old.next()
    play.taken(waiting, PARKED)
    new = play.begin()
    play.taken(new.next())
    found = play.receipt(waiting, play.receipt_again(waiting.id).body)
    require((found.status, found.reason) == (REJECTED, "superseded"), f"it is {found.status}")


def _stopped_batch(play: Play) -> None:
    stream = play.begin()
    first = stream.next()
    fork = stream.at(1)
    said = play.put_many([first, fork, stream.next()])
    require(len(said) == 2, f"a batch went on for {len(said)} lines after a problem")
    require(said[0].receipt is not None, "what came before the problem has no receipt")
    require(said[1].problem == _FORK, f"the problem is {said[1].problem}")
    play.receipt(first, play.receipt_again(first.id).body)


def _all_processed(play: Play, many: list[Made]) -> None:
    body = batch.questions([one.id for one in many])
    answer = play.call(play.request("POST", RECEIPTS, batch.QUESTIONS_TYPE, body))
    require(answer.status_code == OK, f"receipts were answered with {answer.status_code}")
    for made, one in zip(many, batch.parse_answer(answer.body), strict=True):
        found = play.receipt(made, one.receipt or b"")
        require(found.status is ReceiptStatus.PROCESSED, f"place {made.seq} is {found.status}")


def _head(play: Play, epoch: int, seq: int) -> None:
    found = play.heads().get(CONTROL_STREAM)
    require(found == (epoch, seq), f"the head is {found}, not {(epoch, seq)}")


CASES: Final = (
    Case("C3", Kind.TAKES, "a repeat is given the byte-identical receipt", _repeat),
    Case("C3", Kind.TAKES, "a repeat after others have followed", _repeat_later),
    Case("C3", Kind.TAKES, "a repeat inside a batch", _repeat_in_batch),
    Case("C3", Kind.TAKES, f"{AT_ONCE} repeats at once, of which one is the first", _concurrent),
    Case("C3", Kind.REFUSES, "an id that was used for other bytes", _id_reused),
    Case("C4", Kind.TAKES, "a batch in order", _in_order),
    Case("C4", Kind.TAKES, "any order: each takes effect in its place", _permuted),
    Case("C4", Kind.TAKES, "what comes early is parked until the gap is filled", _gap),
    Case("C4", Kind.TAKES, "what follows a letter that cannot be obeyed", _poison),
    Case("C4", Kind.TAKES, "what was parked behind such a letter", _poison_parked),
    Case("C4", Kind.TAKES, "a later epoch, which ends what was parked before it", _epoch),
    Case("C4", Kind.TAKES, "a batch up to its first problem", _stopped_batch),
    Case("C4", Kind.REFUSES, "another envelope at a place that is taken", _fork),
    Case("C4", Kind.REFUSES, "another envelope at a place that is parked", _fork_parked),
    Case("C4", Kind.REFUSES, "one that does not follow what was before it", _broken_prev),
    Case("C4", Kind.REFUSES, "a first one that says it follows another", _broken_prev_first),
    Case("C4", Kind.REFUSES, "a parked one that does not follow", _broken_prev_parked),
    Case("C4", Kind.REFUSES, "a place that the stream has passed", _passed),
)
