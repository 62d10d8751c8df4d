"""Tell societies what may be told of what they asked: a letter for every change of it.

`domain.told` has decided before, and the case file says it. Which letters leave, when, how many and
how large is a function of that alone (P-03).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rfl.domain.access import Verb
from rfl.domain.casefile import Outcome
from rfl.domain.ids import PersonId
from rfl.domain.purpose import Purpose
from rfl.domain.received import Received
from rfl.domain.states import Outside
from rfl.exchange import bodies
from rfl.exchange.asking import UNTOLD
from rfl.exchange.bodies import CaseAnswer, CaseResult, ConsentChange, Decision, Whose
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.owed import post_owed
from rfl.flows.runtime import MATCHER_CALL, Runtime, network_of
from rfl.storage import casefiles, cases, recalls, received
from rfl.storage.recalls import Why
from rfl.storage.shelf import Filed
from rfl.storage.work import Work

BATCH = 100


def tell_peers(rt: Runtime) -> int:
    """Write to every society that is owed word, each in its own transaction; return how many."""
    with rt.look(MATCHER_CALL, Verb.PEER_TELL) as work:
        owing = received.owing(work, BATCH)
    return sum(_tell(rt, received_id) for received_id in owing)


def _tell(rt: Runtime, received_id: str) -> bool:
    with rt.begin(MATCHER_CALL, Verb.PEER_TELL) as work:
        work.require()
        row, request = received.SHELF.opened(work, received_id)
        news = _told_now(work, row, request)
        for letter in () if request.is_gone else _letters(request, news):
            if not post_owed(work, network_of(rt), request.peer, letter, UNTOLD):
                return False
            if letter.type is LetterType.CONSENT_CHANGE:
                to, branches = (request.peer, request.ref), {request.ref: row.branch}
                recalls.add(work, [to], Why.WITHDRAWN, branches=branches, asked=True)
        after = replace(request.told(news, work.now), asks_who=False)
        received.keep(work, row, after, owes=False)
    return True


def _told_now(work: Work, row: Filed, request: Received) -> tuple[Outcome, ...]:
    """Return what is new, as the case file says it, or what is owed where that was erased."""
    if request.erased_on is not None:
        return _news(request, request.owed(work.today))
    file = casefiles.load(work, row.case_id or "")
    news = _news(request, file.outcomes)
    if untold := _untold(request, news):
        case, _sealed = cases.load(work, row.case_id or "")
        casefiles.keep(work, case, file.untold(untold))
        news = tuple(one for one in news if one.person not in untold)
    return news


def _news(request: Received, outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    known = {one.person: one for one in request.said}
    told = (one for one in outcomes if one.told.outcome is not Outside.SEARCHING)
    return tuple(one for one in told if _said(known.get(one.person)) != _said(one))


def _untold(request: Received, news: Sequence[Outcome]) -> frozenset[PersonId]:
    """Who took back what no letter has told: nothing leaves, and the search ends on its day.

    To say that something was taken back would say that somebody was found.
    """
    said = {one.person for one in request.said}
    return frozenset(
        one.person for one in news if one.withdrawn_on is not None and one.person not in said
    )


def _said(outcome: Outcome | None) -> object:
    return None if outcome is None else (outcome.told, outcome.withdrawn_on)


def _letters(request: Received, news: Sequence[Outcome]) -> Iterator[Letter]:
    """One letter for all that is told now, and one for each who takes back what was told; before
    them, that somebody asks who is searching.
    """
    if request.asks_who:
        answer = CaseAnswer(Decision.ACCEPTED, answer_on=request.answer_on, asks_who=True)
        yield _letter(request, LetterType.CASE_ANSWER, answer)
    given = [one for one in news if one.withdrawn_on is None]
    if given:
        results = tuple(bodies.result_of(request.theirs(one.person), one.told) for one in given)
        yield _letter(request, LetterType.CASE_RESULT, CaseResult(results))
    for one in news:
        if one.withdrawn_on is not None:
            change = ConsentChange(Whose.FOUND_PERSON, one.withdrawn_on, request.theirs(one.person))
            yield _letter(request, LetterType.CONSENT_CHANGE, change)


def _letter(
    request: Received, kind: LetterType, body: CaseAnswer | CaseResult | ConsentChange
) -> Letter:
    data = bodies.written(body)
    return Letter(type=kind, purpose=Purpose.TRACING, case_ref=request.ref, data=data)
