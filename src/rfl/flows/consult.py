"""Keep what a found person answered, for one enquirer (P-02, P-04); it leaves at once if it may."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from rfl.domain.access import Object, Verb
from rfl.domain.answer import Answer
from rfl.domain.consent import Consent, Exclusion, Use, require_timely
from rfl.domain.dossier import may_be_told
from rfl.domain.ids import check_id
from rfl.domain.journal import Line, Search
from rfl.domain.states import Inside
from rfl.domain.telling import is_child
from rfl.errors import Conflict, InvalidInput
from rfl.flows.runtime import Call, Runtime
from rfl.storage import journals
from rfl.storage.journals import Opened


def record_answer(rt: Runtime, call: Call, case_id: str, version: int, answer: Answer) -> int:
    """Keep an answer, a refusal or a change of mind; return the journal's next version."""
    if answer.consultation.on > rt.today():
        raise InvalidInput("consultation.on", "must not lie in the future")
    if answer.consultation.asked_by != call.actor.id:
        raise InvalidInput("consultation.asked_by", "must be the officer who records it")
    if answer.holds_until is not None and answer.holds_until < rt.today():
        raise InvalidInput("holds_until", "must not lie in the past")
    if answer.representative is not None and answer.representative.agreed_by is not None:
        raise InvalidInput("representative.agreed_by", "is the second officer's own step")

    return _change(rt, call, (case_id, version), answer, lambda search: _answered(search, answer))


def agree_with_representative(
    rt: Runtime, call: Call, case_id: str, version: int, person: str
) -> int:
    """Agree, as a second officer, to what a representative decided (P-04b)."""

    def agreed(search: Search) -> Search:
        if search.answer is None:
            raise Conflict("There is no decision of a representative that waits for agreement.")
        return replace(search, answers=(*search.answers[:-1], search.answer.agreed(call.actor.id)))

    return _change(rt, call, (case_id, version), person, agreed)


def withdraw_answer(rt: Runtime, call: Call, case_id: str, version: int, person: str) -> int:
    """Take back, for the person, what was agreed: from today nothing more leaves."""
    today = rt.today()

    def withdrawn(search: Search) -> Search:
        if search.answer is None:
            raise Conflict("There is no answer that could be withdrawn.")
        answers = (*search.answers[:-1], search.answer.withdrawn(today))
        return replace(search.at(Inside.REFUSES), answers=answers)

    return _change(rt, call, (case_id, version), person, withdrawn)


def record_stance(
    rt: Runtime,
    call: Call,
    case_id: str,
    version: int,
    person: str,
    words: tuple[tuple[Consent, ...], tuple[Exclusion, ...]],
) -> int:
    """Keep what a found person says about authorities, in place of what was said before (P-09).

    `words`: what they permit, and whom they exclude.
    """
    (consents, excluded), today = words, rt.today()

    def said(search: Search) -> Search:
        if search.state in _NOT_MET:
            raise Conflict("Who was not met has said nothing about authorities.")
        if any(one.uses != {Use.AUTHORITY} for one in consents):
            raise InvalidInput("consents", "must be to authority alone")
        if any(one.person != person for one in consents):
            raise InvalidInput("consents.person", "must be this person's own")
        require_timely(consents, today, search.consents)
        return replace(search, consents=consents, excluded=excluded)

    return _change(rt, call, (case_id, version), person, said)


_NOT_MET = frozenset({Inside.SEARCHING, Inside.LEAD, Inside.NOT_LOCATED})


def _answered(search: Search, answer: Answer) -> Search:
    """The search after an answer. Who cannot be asked is spoken for; nobody else is (P-04b)."""
    was_spoken_for = search.answer is not None and search.answer.representative is not None
    cannot_be_asked = search.state is Inside.CANNOT_BE_ASKED
    if answer.representative is None and cannot_be_asked:
        raise Conflict("Who cannot be asked is located again first, or has a representative.")
    if answer.representative is not None and not (cannot_be_asked or was_spoken_for):
        raise Conflict("A representative decides only for who cannot be asked.")
    answers = (*search.answers, answer)
    if answer.refuses and cannot_be_asked:
        return replace(search, answers=answers)
    state = Inside.REFUSES if answer.refuses else Inside.ANSWERED
    return replace(search.at(state), answers=answers)


def _require_agreed(found: Opened, answer: Answer) -> None:
    """A found person is told of the enquirer what the enquirer agreed to, on the day they asked."""
    asked = answer.consultation
    if not asked.told <= may_be_told(found.request, found.file.asked_by, asked.on):
        raise InvalidInput("consultation.told", "must be what the enquirer agreed is told")


def _is_child(found: Opened, person: str, on: date) -> bool:
    births = [one.person.birth for one in found.request.sought if one.person.id == person]
    return is_child(found.journal.of(person).child, births[0] if births else None, on)


def _change(
    rt: Runtime,
    call: Call,
    at: tuple[str, int],
    about: Answer | str,
    change: Callable[[Search], Search],
) -> int:
    case_id, version = at
    check_id(case_id, "cas")
    person = about if isinstance(about, str) else about.person
    line = Line(at=rt.clock(), by=call.actor.id, said="Consulted")
    with rt.begin(call, Verb.FINDING_WORK) as work:
        found = journals.opened(work, case_id, version)
        work.require(Object(child=_is_child(found, person, work.today)))
        if isinstance(about, Answer) and about.enquirer != found.request.enquirer.id:
            raise InvalidInput("enquirer", "must be the enquirer of this case: none inherits")
        if isinstance(about, Answer):
            _require_agreed(found, about)
        journal = found.journal.changed(person, change, line)
        return journals.keep(work, found, journal, rt.rules.policy.on(work.today))
