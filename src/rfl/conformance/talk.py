"""What the played society says of cases, in words written as docs/protocol.md has them."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from rfl.conformance.case import Skipped, require
from rfl.conformance.forge import Made, Odd, Stream
from rfl.conformance.play import CREATED, OK, Play
from rfl.domain.ids import new_id
from rfl.exchange.receipt import Receipt

CASE_STREAM: Final = 3
_DAY: Final = 86_400


class Talk:
    """Letters of the played society about one reference, each in the next place of its stream.

    One that is about another reference of the same case of the suite goes on with its streams.
    """

    def __init__(self, play: Play, streams: tuple[Stream, Stream] | None = None) -> None:
        self.ref = new_id("trm")
        self._play = play
        self._control, self._cases = streams or (play.begin(), play.begin(number=CASE_STREAM))

    def another(self) -> "Talk":
        """Return what is said about another reference, in the same streams."""
        return Talk(self._play, (self._control, self._cases))

    def say(self, kind: str, data: Mapping[str, Any], **more: Any) -> Receipt:
        """Deliver a letter; return what its receipt says. None takes a member out."""
        return self.deliver(self.make(kind, data, **more))

    def make(self, kind: str, data: Mapping[str, Any], **more: Any) -> Made:
        """Put a letter together for the next place of its stream."""
        inner = {"type": kind, "purpose": "tracing", "case_ref": self.ref, "data": data}
        return self._stream(kind).next(Odd(inner=inner | more))

    def deliver(self, made: Made) -> Receipt:
        """Deliver an envelope; return what its receipt says."""
        answer = self._play.put(made)
        code = answer.status_code
        require(code in (OK, CREATED), f"a letter was answered with {code}, and not by a receipt")
        found = self._play.receipt(made, answer.body)
        if found.reason == "budget-spent":
            raise Skipped("the node's budget of persons for this society is spent for today")
        return found

    def later(self, made: Made) -> Receipt:
        """Ask again what became of an envelope."""
        return self._play.receipt(made, self._play.receipt_again(made.id).body)

    def request(self, **more: Any) -> Receipt:
        """Ask for one person."""
        return self.say("case.request", {"dossier": dossier()}, **leave() | more)

    def take_back(self) -> Receipt:
        """Withdraw whatever came under the reference."""
        return self.say("consent.change", {"whose": "enquirer", "on": today()})

    def _stream(self, kind: str) -> Stream:
        is_control = kind.partition(".")[0] in ("consent", "erasure", "peer")
        return self._control if is_control else self._cases


def today() -> str:
    """Return today's day, UTC."""
    return datetime.now(UTC).date().isoformat()


def consent(until: int) -> dict[str, Any]:
    """Return the consent behind a letter, which ends at a time in seconds."""
    return {"scope": "share", "ref": today(), "expires": until}


def leave() -> dict[str, Any]:
    """Return the consent behind a letter, and until when its copy may be kept."""
    until = int(time.time()) + 30 * _DAY
    return {"consent": consent(until), "handling": {"retain_until": until}}


def sought() -> dict[str, Any]:
    """Return a sought person."""
    return {"person": person("Conformance Sought"), "relation": "mother"}


def person(name: str) -> dict[str, Any]:
    """Return a person of one name."""
    return {"id": new_id("per"), "names": [{"text": name}]}


def dossier() -> dict[str, Any]:
    """Return a request for one person."""
    due = datetime.now(UTC) + timedelta(days=90)
    stated = {"relationship": "established", "judged_on": today(), "screened_on": today()}
    return {
        "sought": [sought()],
        "methods": ["visit"],
        "statement": stated,
        "due_on": due.date().isoformat(),
        "enquirer": person("Conformance Enquirer"),
    }


def offer() -> dict[str, Any]:
    """Return the offer to hand a case over."""
    enquirer = person("Conformance Enquirer")
    request = {"enquirer": enquirer, "sought": [sought()], "legal_basis": "public_interest"}
    return {"turn": "offer", "request": request}


def news() -> dict[str, Any]:
    """Return a Red Cross Message."""
    writer, addressee = ({"names": [{"text": name}]} for name in ("A writer", "An addressee"))
    words = {"relation": "mother", "news": "We are well.", "language": "en"}
    return {"writer": writer, "addressee": addressee} | words
