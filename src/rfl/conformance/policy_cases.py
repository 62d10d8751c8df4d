"""C9: who may say what: requests, what only the other side may say, withdrawal, offers, messages.

What a case leaves at the node it takes back at its end. A node is called and not listened to, so
nothing here is about what it has asked itself.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from rfl.conformance import talk as said
from rfl.conformance.case import Case, Kind, require
from rfl.conformance.play import Play
from rfl.conformance.talk import Talk
from rfl.domain.ids import new_id
from rfl.exchange.receipt import Receipt, ReceiptStatus

PROCESSED, REJECTED = ReceiptStatus.PROCESSED, ReceiptStatus.REJECTED
_NOT_YOURS, _RECALLED, _NO_CONSENT = "not-yours", "recalled", "consent-missing"
_UNREAD: Final = "not-understood"


def _is(found: Receipt, status: ReceiptStatus, reason: str | None = None) -> None:
    is_now = f"{found.status} {found.reason or ''}".strip()
    wanted = f"{status} {reason or ''}".strip()
    require((found.status, found.reason) == (status, reason), f"{is_now}, and not {wanted}")


def _asked(play: Play) -> None:
    talk = Talk(play)
    _is(talk.request(), PROCESSED)
    _is(talk.request(), REJECTED, "already-received")
    talk.take_back()


def _changed(play: Play) -> None:
    talk, dossier = Talk(play), said.dossier()
    _is(talk.say("case.request", {"dossier": dossier}, **said.leave()), PROCESSED)
    more = dossier | {"sought": [*dossier["sought"], said.sought()]}
    _is(talk.say("case.update", {"dossier": more}, **said.leave()), PROCESSED)
    _is(talk.say("case.reminder", {"template": "decision_due"}), PROCESSED)
    talk.take_back()


def _persons_taken_out(play: Play) -> None:
    talk = Talk(play)
    talk.request()
    update = talk.say("case.update", {"dossier": said.dossier()}, **said.leave())
    require(update.status is REJECTED, "a person was put in the place of another by an update")
    talk.take_back()


def _no_consent(play: Play) -> None:
    talk = Talk(play)
    _is(talk.request(consent=None), REJECTED, _NO_CONSENT)
    talk = Talk(play)
    _is(talk.request(consent=said.consent(int(time.time()) - 1)), REJECTED, _NO_CONSENT)


def _update_without_consent(play: Play) -> None:
    talk = Talk(play)
    dossier = {"dossier": said.dossier()}
    talk.say("case.request", dossier, **said.leave())
    ended = said.leave() | {"consent": said.consent(int(time.time()) - 1)}
    _is(talk.say("case.update", dossier, **ended), REJECTED, _NO_CONSENT)
    talk.take_back()


def _purpose(play: Play) -> None:
    for purpose in ("administration", "audit", "supervision", "data_subject_request"):
        _is(Talk(play).request(purpose=purpose), REJECTED, "purpose-refused")


def _malformed(play: Play) -> None:
    twice = said.sought()
    for dossier in (
        said.dossier() | {"sought": []},
        said.dossier() | {"sought": [twice, twice]},
        said.dossier() | {"sought": [said.sought() for _number in range(31)]},
        said.dossier() | {"due_on": "soon"},
        {name: one for name, one in said.dossier().items() if name != "statement"},
    ):
        found = Talk(play).say("case.request", {"dossier": dossier}, **said.leave())
        _is(found, REJECTED, _UNREAD)


def _no_end(play: Play) -> None:
    """A copy has an end, which has not come yet."""
    _is(Talk(play).request(handling=None), REJECTED, _UNREAD)
    over = {"retain_until": int(time.time()) - 1}
    _is(Talk(play).request(handling=over), REJECTED, _UNREAD)


def _no_reference(play: Play) -> None:
    _is(Talk(play).request(case_ref=None), REJECTED, _UNREAD)


def _withdrawn(play: Play) -> None:
    talk = Talk(play)
    talk.request()
    _is(talk.take_back(), PROCESSED)
    _is(talk.request(), REJECTED, _RECALLED)
    update = talk.say("case.update", {"dossier": said.dossier()}, **said.leave())
    _is(update, REJECTED, _RECALLED)


def _erased(play: Play) -> None:
    talk = Talk(play)
    talk.request()
    _is(talk.say("erasure.request", {}), PROCESSED)
    _is(talk.request(), REJECTED, _RECALLED)


def _overtaken(play: Play) -> None:
    """Withdrawal travels in the control stream, and is there before what it withdraws."""
    talk = Talk(play)
    under_way = talk.make("case.request", {"dossier": said.dossier()}, **said.leave())
    _is(talk.take_back(), PROCESSED)
    _is(talk.deliver(under_way), REJECTED, _RECALLED)


def _parked(play: Play) -> None:
    talk = Talk(play)
    before = talk.make("case.reminder", {"template": "decision_due"})
    request = talk.make("case.request", {"dossier": said.dossier()}, **said.leave())
    _is(talk.deliver(request), ReceiptStatus.PARKED)
    _is(talk.say("erasure.request", {}), PROCESSED)
    talk.deliver(before)
    _is(talk.later(request), REJECTED, _RECALLED)


def _unknown_withdrawn(play: Play) -> None:
    """The receipt never tells whether anything is held."""
    held = Talk(play)
    never = held.another()
    held.request()
    for talk in (held, never, held):
        _is(talk.say("erasure.request", {}), PROCESSED)
        _is(talk.take_back(), PROCESSED)


def _unknown_taken_back(play: Play) -> None:
    """A node that has forgotten what it asked keeps nothing of it, and attests that."""
    _is(Talk(play).say("consent.change", _taken_back()), PROCESSED)


def _taken_back_by_the_asker(play: Play) -> None:
    own = Talk(play)
    own.request()
    _is(own.say("consent.change", _taken_back()), REJECTED, _NOT_YOURS)
    own.take_back()


def _taken_back() -> dict[str, str]:
    return {"whose": "found_person", "on": said.today(), "person": new_id("per")}


def _gone_or_never(play: Play) -> None:
    """What is gone was the sender's own; what never was is nobody's to speak of."""
    gone = Talk(play)
    never = gone.another()
    gone.request()
    gone.take_back()
    for talk, reason in ((gone, _RECALLED), (never, _NOT_YOURS)):
        for kind, data in _ASKERS.items():
            _is(talk.say(kind, data, **said.leave()), REJECTED, reason)


def _recalled(play: Play) -> None:
    first = Talk(play)
    second = first.another()
    for talk in (first, second):
        talk.request()
    _is(second.say("peer.recall", {}, case_ref=None), PROCESSED)
    for talk in (first, second):
        _is(talk.request(), REJECTED, _RECALLED)


def _of_the_searcher(play: Play) -> None:
    """Who asks does not answer itself, and nobody answers what was never asked."""
    own = Talk(play)
    never = own.another()
    own.request()
    for talk in (own, never):
        for kind, data in _SEARCHERS.items():
            _is(talk.say(kind, data), REJECTED, _NOT_YOURS)
    own.take_back()


def _attested(play: Play) -> None:
    _is(Talk(play).say("erasure.attestation", {"on": said.today()}), REJECTED, _NOT_YOURS)


def _offered(play: Play) -> None:
    talk, offer = Talk(play), said.offer()
    _is(talk.say("case.handover", offer, **said.leave()), PROCESSED)
    _is(talk.say("case.handover", offer, **said.leave()), REJECTED, "already-received")
    _is(talk.take_back(), PROCESSED)
    _is(talk.say("case.handover", offer, **said.leave()), REJECTED, _RECALLED)


def _offered_unlawfully(play: Play) -> None:
    found = Talk(play).say("case.handover", said.offer(), **said.leave() | {"consent": None})
    _is(found, REJECTED, _NO_CONSENT)


def _given_unasked(play: Play) -> None:
    """Nobody becomes an owner who has not accepted."""
    talk = Talk(play)
    _is(talk.say("case.handover", {"turn": "given"}), REJECTED, _NOT_YOURS)
    talk.say("case.handover", said.offer(), **said.leave())
    _is(talk.say("case.handover", {"turn": "given"}), REJECTED, _NOT_YOURS)
    for turn in ("accept", "decline"):
        _is(talk.say("case.handover", {"turn": turn}), REJECTED, _NOT_YOURS)
    talk.take_back()


def _message(play: Play) -> None:
    _is(Talk(play).say("message.forward", said.news(), purpose="family_contact"), PROCESSED)


def _message_unlawful(play: Play) -> None:
    found = Talk(play).say("message.forward", said.news(), purpose="administration")
    _is(found, REJECTED, "purpose-refused")


def _message_of_another(play: Play) -> None:
    for kind, data in (("message.reply", {"reply": "We are well."}), ("message.undeliverable", {})):
        _is(Talk(play).say(kind, data), REJECTED, _NOT_YOURS)


_ASKERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "case.update": {"dossier": said.dossier()},
    "case.reminder": {"template": "answer_due"},
    "case.close": {"ending": "withdrawn"},
    "case.reopen": {},
}
_SEARCHERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "case.answer": {"decision": "accepted", "answer_on": "2099-01-01"},
    "case.result": {
        "results": [{"person": new_id("per"), "outcome": "information_given", "items": []}]
    },
}
_TAKES: Final[Mapping[str, Callable[[Play], None]]] = {
    "a request, once for each reference": _asked,
    "what its sender changes in it, and its reminder": _changed,
    "a withdrawal, after which nothing comes under the reference": _withdrawn,
    "an erasure, after which nothing comes under the reference": _erased,
    "a withdrawal that overtakes what it withdraws": _overtaken,
    "an erasure of what is parked": _parked,
    "withdrawal and erasure of what was never held, alike": _unknown_withdrawn,
    "what a found person takes back of what was never asked": _unknown_taken_back,
    "the recall of everything": _recalled,
    "the offer of a case, once, until it is taken back": _offered,
    "a message to carry": _message,
}
_REFUSES: Final[Mapping[str, Callable[[Play], None]]] = {
    "a request without a consent that holds": _no_consent,
    "an update without a consent that holds": _update_without_consent,
    "a request for another purpose than casework": _purpose,
    "a dossier that breaks a rule of its members": _malformed,
    "a copy without an end": _no_end,
    "a letter about a case without a reference": _no_reference,
    "an update that takes a person out": _persons_taken_out,
    "what the asker says of a request that is gone, or that never was": _gone_or_never,
    "what the society that searches would say": _of_the_searcher,
    "what only a found person's society takes back": _taken_back_by_the_asker,
    "an attestation of what nobody asked for": _attested,
    "the offer of a case without a consent": _offered_unlawfully,
    "a case that is given to who has not accepted it": _given_unasked,
    "a message for another purpose than casework": _message_unlawful,
    "a reply to what this society was not given to carry": _message_of_another,
}
CASES: Final = (
    *(Case("C9", Kind.TAKES, rule, run) for rule, run in _TAKES.items()),
    *(Case("C9", Kind.REFUSES, rule, run) for rule, run in _REFUSES.items()),
)
