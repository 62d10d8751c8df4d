"""What the asking side keeps of what a partner says of the sought persons, by letter or by hand."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from rfl.domain.answer import Item
from rfl.domain.casefile import CaseFile
from rfl.domain.death import Death, DeathSource
from rfl.domain.journal import Journal, Line, Search
from rfl.domain.policy import Profile
from rfl.domain.states import STEPS, Inside, Outside
from rfl.domain.transmission import Transmission
from rfl.exchange.bodies import PersonResult
from rfl.storage import journals, transmissions
from rfl.storage.shelf import Filed
from rfl.storage.told import keep_told
from rfl.storage.work import Work


def take_results(
    work: Work,
    policy: Profile,
    asked: tuple[Filed, Transmission],
    results: Sequence[PersonResult],
    by: str,
) -> int:
    """Keep what a society told of a request; return the request's next version.

    Raises Conflict or InvalidInput for a request that was not accepted, or persons of another one.
    """
    (row, sent), rules = asked, policy.on(work.today)
    found = journals.whole(work, row.case_id or "")
    persons = frozenset(outcome.person for outcome in found.file.outcomes)
    results_seen = tuple((one.person, seen(one)) for one in results)
    after = sent.heard(persons, results_seen, work.now, by)
    following = transmissions.keep(work, row, after, row.due_at)
    dead = [one for one in results if one.outcome is Outside.DECEASED_CONFIRMED]
    if dead:
        said = reported(found.journal, dead, sent.peer, work)
        journals.keep(work, found, said, rules)
        found = journals.whole(work, found.row.id)
    allowed = rules.rules(found.file.country).answering.tell
    file = heard(found.file, results, allowed, work.today)
    if file.outcomes != found.file.outcomes:
        keep_told(work, found.row, file)
    return following


def seen(result: PersonResult) -> Outside:
    """Return what stands in the record of the transmission: a peer's word on a death does not."""
    if result.outcome is Outside.DECEASED_CONFIRMED:
        return Outside.ENDED_WITHOUT_INFORMATION
    return result.outcome


def heard(
    file: CaseFile, results: Iterable[PersonResult], allowed: frozenset[Item], on: date
) -> CaseFile:
    """Return the asking side's file with the good news of a partner, as far as both policies tell.

    An end without information from one of several societies ends nothing: the others, and this
    one's own search, go on until the answer date.
    """
    for one in results:
        told = one.told().within(allowed)
        if one.outcome is Outside.INFORMATION_GIVEN and told.items:
            file = file.with_told(one.person, told, on)
    return file


def reported(journal: Journal, dead: Iterable[PersonResult], peer: str, work: Work) -> Journal:
    """Return the searching side's file with deaths as a peer says them: unconfirmed (P-05)."""
    for one in dead:
        death = Death(
            source=DeathSource.PEER,
            said_by=peer,
            reported_by=work.actor.id,
            reported_on=work.today,
            burial_place=one.burial_place,
        )
        line = Line(at=work.now, by=work.actor.id, said="Fate")
        journal = journal.changed(one.person, partial(_with, death), line)
    return journal


def _with(death: Death, search: Search) -> Search:
    """A peer's word changes nothing that this side knows better."""
    if Inside.DECEASED_REPORTED not in STEPS[Inside][search.state]:
        return search
    return replace(search.at(Inside.DECEASED_REPORTED), death=death)
