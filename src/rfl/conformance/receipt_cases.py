"""C5 and C10: what is proved, and what is told to nobody."""

import json
import secrets
from typing import Final

from rfl.conformance.case import Case, Kind, require
from rfl.conformance.forge import Made, Odd, OddHop
from rfl.conformance.play import GONE, INBOX, OK, RECEIPTS, RECONCILE, STATUS, Play
from rfl.domain.ids import new_id
from rfl.exchange import batch, heads
from rfl.exchange.envelope import MEDIA_TYPE
from rfl.exchange.hop import HopResponse
from rfl.exchange.receipt import ReceiptStatus
from rfl.exchange.signed import parse_signed

_RECEIPT: Final = frozenset(
    {"v", "typ", "id", "from", "to", "stream", "epoch", "seq", "digest", "status", "reason", "at"}
)
_PROBLEM: Final = frozenset(
    {"type", "title", "status", "code", "detail", "field", "errors", "instance", "retry"}
)
_TELLING: Final = frozenset({"server", "x-powered-by", "via", "set-cookie"})


def _again(play: Play) -> None:
    made = play.begin().next()
    receipt = play.taken(made)
    again = play.receipt_again(made.id)
    require(again.status_code == OK, f"a receipt again was answered with {again.status_code}")
    require(again.body == receipt, "the receipt given again is another")


def _many(play: Play) -> None:
    stream = play.begin()
    made = stream.next()
    receipt = play.taken(made)
    body = batch.questions([made.id, new_id("env")])
    answer = play.call(play.request("POST", RECEIPTS, batch.QUESTIONS_TYPE, body))
    require(answer.status_code == OK, f"receipts were answered with {answer.status_code}")
    said = batch.parse_answer(answer.body)
    require([one.receipt for one in said] == [receipt, None], "not the receipts asked for")
    require(said[1].problem == "not-found", f"nothing was found, and it says {said[1].problem}")


def _replaced(play: Play) -> None:
    stream = play.begin()
    first, second = stream.next(), stream.next()
    parked = play.taken(second, ReceiptStatus.PARKED)
    play.taken(first)
    later = play.receipt_again(second.id).body
    found = play.receipt(second, later)
    require(later != parked and found.status is ReceiptStatus.PROCESSED, "still parked")
    require(play.put(second).body == later, "a repeat is given the receipt of before")


def _unknown(play: Play) -> None:
    play.refused(play.receipt_again(new_id("env")), GONE, "not-found")
    play.refused(play.receipt_again("no-id"), GONE, "not-found")


def _none_for_refused(play: Play) -> None:
    """What is refused by a problem leaves nothing that could be asked for."""
    made = play.begin().next(Odd(header={"to": "somebody-else"}))
    play.put(made)
    play.refused(play.receipt_again(made.id), GONE, "not-found")


def _many_too_many(play: Play) -> None:
    body = batch.questions([new_id("env") for _number in range(batch.MOST + 1)])
    answer = play.call(play.request("POST", RECEIPTS, batch.QUESTIONS_TYPE, body))
    require(answer.status_code != OK, "more ids were answered than are allowed")


def _receipt_members(play: Play) -> None:
    canary = _canary()
    receipt = play.taken(play.begin().next(Odd(inner={"data": {"text": canary}})))
    document = json.loads(parse_signed(receipt, most=1_000_000).document)
    more = set(document) - _RECEIPT
    require(not more, "a receipt has members that are not in the protocol")
    require(canary.encode() not in receipt, "a receipt repeats what the letter says")


def _receipt_sizes(play: Play) -> None:
    stream = play.begin()
    sizes = {
        len(play.taken(stream.next(Odd(inner={"data": {"text": "x" * many}}))))
        for many in (0, 100, 10_000)
    }
    require(len(sizes) == 1, "the size of a receipt tells of the letter")


def _echo(play: Play) -> None:
    """Nothing that the caller sent comes back: not from body, path, query or header."""
    canary = _canary()
    made = play.begin().next()
    odd = Made(made.id, made.body.replace(b'{"p"', b'{"%s":1,"p"' % canary.encode()), 1, 1)
    calls = [
        play.request("PUT", f"{INBOX}/{canary}", MEDIA_TYPE, odd.body),
        play.request("PUT", f"{INBOX}/{made.id}", MEDIA_TYPE, canary.encode()),
        play.request("GET", f"{RECEIPTS}/{canary}"),
        play.request("GET", f"{STATUS}?{canary}"),
        play.request("GET", f"/rfl/v1/{canary}"),
        play.request("POST", RECONCILE, heads.MEDIA_TYPE, f'{{"heads":{{"{canary}":1}}}}'.encode()),
        play.request("POST", RECEIPTS, batch.QUESTIONS_TYPE, f"{canary}\n".encode()),
    ]
    for request in calls:
        request.headers["user-agent"] = canary
        _silent(play.call(request), canary)
    _silent(play.call(play.request("GET", STATUS), OddHop(tag=canary)), canary)


def _problem_members(play: Play) -> None:
    made = play.begin().next(Odd(header={"to": "somebody-else"}))
    for answer in (play.put(made), play.receipt_again(new_id("env"))):
        more = set(json.loads(answer.body)) - _PROBLEM
        require(not more, "a problem has members that are not in the protocol")


def _headers(play: Play) -> None:
    found = _TELLING & {name.lower() for name in play.call(play.request("GET", STATUS)).headers}
    require(not found, f"an answer tells of its software or host: {', '.join(sorted(found))}")


def _silent(answer: HopResponse, canary: str) -> None:
    told = [
        *answer.headers.keys(),
        *answer.headers.values(),
        answer.body.decode("utf-8", "replace"),
    ]
    require(not any(canary in one for one in told), "an answer repeats what it was sent")


def _canary() -> str:
    return f"canary{secrets.token_hex(6)}"


CASES: Final = (
    Case("C5", Kind.TAKES, "a receipt again, byte for byte", _again),
    Case("C5", Kind.TAKES, "receipts of several, and which are not there", _many),
    Case("C5", Kind.TAKES, "a parked one's receipt is replaced when it takes effect", _replaced),
    Case("C5", Kind.REFUSES, "a receipt of what was never sent", _unknown),
    Case("C5", Kind.REFUSES, "a receipt of what was refused by a problem", _none_for_refused),
    Case("C5", Kind.REFUSES, "more ids than a question may have", _many_too_many),
    Case("C10", Kind.TAKES, "a receipt with the members of the protocol alone", _receipt_members),
    Case("C10", Kind.TAKES, "receipts of one size, whatever the letter says", _receipt_sizes),
    Case("C10", Kind.TAKES, "a problem with the members of the protocol alone", _problem_members),
    Case("C10", Kind.REFUSES, "to repeat what it was sent", _echo),
    Case("C10", Kind.REFUSES, "to tell of its software or host", _headers),
)
