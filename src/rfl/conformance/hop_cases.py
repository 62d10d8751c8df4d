"""C1 and C12: who called, about what, and when."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from rfl.conformance.case import Case, Kind, require
from rfl.conformance.forge import OddHop
from rfl.conformance.identity import make_identity
from rfl.conformance.play import (
    BAD,
    INBOX,
    OK,
    RECONCILE,
    STATUS,
    UNKNOWN,
    Play,
)
from rfl.exchange import heads
from rfl.exchange.hop import WINDOW_SECONDS, HopRequest, HopResponse
from rfl.exchange.signed import Signer

_BAD: Final = "bad-envelope"
_MARGIN: Final = 30


def _signed_call(play: Play) -> None:
    answer = play.call(play.request("GET", STATUS))
    require(answer.status_code == OK, f"status was answered with {answer.status_code}")


def _signed_body(play: Play) -> None:
    play.heads()


def _errors_signed(play: Play) -> None:
    """`Play.answered` verifies whatever is answered."""
    for method, path in (("GET", "/rfl/v1/nothing"), ("DELETE", INBOX), ("GET", STATUS + "?x=1")):
        play.call(play.request(method, path))
    play.answered(play.request("GET", STATUS))


def _wrong_key(play: Play) -> None:
    stranger = make_identity("stranger").hop_signer
    under = Signer(play.player.hop_signer.kid, stranger.sign)
    play.refused(_asked(play, OddHop(signer=under)), BAD, _BAD)


def _stranger(play: Play) -> None:
    play.refused(_asked(play, OddHop(signer=make_identity("stranger").hop_signer)), BAD, _BAD)


def _ended_key(play: Play) -> None:
    play.refused(_asked(play, OddHop(signer=play.player.hop[1].signer)), BAD, _BAD)


def _uncovered(play: Play, component: str) -> None:
    play.refused(_asked(play, OddHop(leave_out=component)), BAD, _BAD)


def _other_signed(play: Play, values: Mapping[str, str]) -> None:
    play.refused(_asked(play, OddHop(signed=values)), BAD, _BAD)


def _other_tag(play: Play) -> None:
    play.refused(_asked(play, OddHop(tag="other")), BAD, _BAD)


def _no_nonce(play: Play) -> None:
    play.refused(_asked(play, OddHop(nonce="")), BAD, _BAD)
    play.refused(_asked(play, OddHop(nonce="short")), BAD, _BAD)


def _changed_body(play: Play) -> None:
    request = _reconcile(play)
    request.body += b" "
    digest = {"content-digest": "sha-256=:" + "A" * 43 + "=:"}
    play.refused(play.call(request, OddHop(signed=digest)), BAD, _BAD)
    request = _reconcile(play)
    play.sign(request)
    request.body += b" "
    play.refused(play.answered(request), BAD, _BAD)


def _unsigned(play: Play) -> None:
    play.refused(play.answered(play.request("GET", STATUS)), BAD, _BAD)
    play.refused(play.answered(_reconcile(play)), BAD, _BAD)


def _replayed(play: Play) -> None:
    request = _reconcile(play)
    require(play.call(request).status_code == OK, "the first call was refused")
    play.refused(play.answered(request), BAD, _BAD)


def _same_error(play: Play) -> None:
    """Whatever is wrong with a signature, the answer does not say which."""
    stranger = make_identity("stranger").hop_signer
    odd = (
        OddHop(signer=stranger),
        OddHop(signer=Signer(play.player.hop_signer.kid, stranger.sign)),
        OddHop(signer=play.player.hop[1].signer),
        OddHop(leave_out="@method"),
        OddHop(tag="other"),
    )
    told = {_told(_asked(play, one)) for one in odd}
    require(len(told) == 1, f"{len(told)} different answers tell what was wrong")


def _within(play: Play, seconds: int) -> None:
    answer = _asked(play, OddHop(skew=seconds))
    require(answer.status_code == OK, f"{seconds} s apart was answered {answer.status_code}")


def _apart(play: Play, seconds: int) -> None:
    """The signed time of the answer is the node's: `Play.answered` holds it against this clock."""
    play.refused(_asked(play, OddHop(skew=seconds)), UNKNOWN, "clock-skew")


def _forged_and_apart(play: Play) -> None:
    stranger = make_identity("stranger").hop_signer
    under = Signer(play.player.hop_signer.kid, stranger.sign)
    play.refused(_asked(play, OddHop(signer=under, skew=-86_400)), BAD, _BAD)


def _asked(play: Play, odd: OddHop) -> HopResponse:
    return play.call(_reconcile(play), odd)


def _reconcile(play: Play) -> HopRequest:
    return play.request("POST", RECONCILE, heads.MEDIA_TYPE, heads.to_bytes({}))


def _told(answer: HopResponse) -> tuple[int, bytes]:
    """What an answer says, without the id of its own request."""
    return answer.status_code, answer.body.partition(b'"instance"')[0]


def _refuses(rule: str, run: partial[None]) -> Case:
    return Case("C1", Kind.REFUSES, rule, run)


_ELSEWHERE: Final = {"@target-uri": "https://elsewhere.invalid" + RECONCILE}
CASES: Final = (
    Case("C1", Kind.TAKES, "a signed call without a body, with a signed answer", _signed_call),
    Case("C1", Kind.TAKES, "a signed call with a body", _signed_body),
    Case("C1", Kind.TAKES, "errors are signed too", _errors_signed),
    Case("C1", Kind.TAKES, "one answer, whatever is wrong with a signature", _same_error),
    Case("C1", Kind.REFUSES, "a signature by another key under this key's id", _wrong_key),
    Case("C1", Kind.REFUSES, "a society that is not known", _stranger),
    Case("C1", Kind.REFUSES, "a key that has ended", _ended_key),
    Case("C1", Kind.REFUSES, "a call that is not signed", _unsigned),
    Case("C1", Kind.REFUSES, "a call that came before", _replayed),
    Case("C1", Kind.REFUSES, "a body that was changed after it was signed", _changed_body),
    Case("C1", Kind.REFUSES, "a signature for another purpose (tag)", _other_tag),
    Case("C1", Kind.REFUSES, "a signature without a nonce, or with a short one", _no_nonce),
    *(
        _refuses(f"a signature that does not cover {name}", partial(_uncovered, component=name))
        for name in ("@method", "@target-uri", "content-digest", "content-type")
    ),
    _refuses("a signature for another method", partial(_other_signed, values={"@method": "PUT"})),
    _refuses("a signature for another address", partial(_other_signed, values=_ELSEWHERE)),
    *(
        Case("C12", Kind.TAKES, f"a call signed {seconds} s from now", partial(_within, seconds=s))
        for s in (_MARGIN - WINDOW_SECONDS, WINDOW_SECONDS - _MARGIN)
        for seconds in (f"{s:+}",)
    ),
    *(
        Case("C12", Kind.REFUSES, f"a call signed {seconds} s from now", partial(_apart, seconds=s))
        for s in (-86_400, -WINDOW_SECONDS - _MARGIN, WINDOW_SECONDS + _MARGIN, 86_400)
        for seconds in (f"{s:+}",)
    ),
    Case("C12", Kind.REFUSES, "a forged call is told nothing of clocks", _forged_and_apart),
)
