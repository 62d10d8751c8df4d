"""From the two files of a case to what `told` is given, and what it answers back into the file."""

from datetime import date

from rfl.domain.care import Established, FoundChild, Side
from rfl.domain.casefile import CaseFile
from rfl.domain.dates import PartialDate
from rfl.domain.journal import Journal, Search
from rfl.domain.policy import Version
from rfl.domain.registration import ADULT_AGE
from rfl.domain.request import TracingRequest
from rfl.domain.told import Audience, Limits, told


def retold(
    file: CaseFile, journal: Journal, request: TracingRequest, version: Version, on: date
) -> CaseFile:
    """Return the case file after everything that may leave on this day was told.

    Only an accepted case has an answer date, and before it nothing is told.
    """
    if file.answer_on is None:
        return file
    audience = Audience.ENQUIRER if file.asked_by is None else Audience.ASKING_SOCIETY
    births = {one.person.id: one.person.birth for one in request.sought}
    for search in journal.searches:
        birth = births.get(search.person)
        limits = _limits(file, journal, search, birth, version)
        answer = search.answer_to(request.enquirer.id)
        heard = told(limits, answer, search.death, audience, on)
        file = file.with_told(search.person, heard, on)
        back = _taken_back(search, limits, on)
        if back is not None and file.asked_by is not None:
            file = file.withdrawn(search.person, back, items_stay=True)
        elif back is not None:
            file = file.without_given(search.person)
    return file


def _taken_back(search: Search, limits: Limits, on: date) -> date | None:
    """The day from which on what was given is let go of: withdrawn, or found to harm (P-36)."""
    if limits.detrimental:
        return on
    return search.answer.withdrawn_on if search.answer is not None else None


def _limits(
    file: CaseFile, journal: Journal, search: Search, birth: PartialDate | None, version: Version
) -> Limits:
    assert file.answer_on is not None  # noqa: S101 (`retold` asks nothing before the acceptance)
    child, of_age_on = search.child, _of_age_on(search.child, birth)
    screening, credibility = journal.screening, file.credibility
    asked_on = search.answer.consultation.on if search.answer else None
    return Limits(
        answer_on=file.answer_on,
        policies=(version.rules(file.country).answering.tell,),
        screened=screening is not None and screening.holds(Side.SEARCHING, version.code),
        established=credibility is not None and credibility.relationship is Established.ESTABLISHED,
        child=asked_on is not None and is_child(child, birth, asked_on),
        best_interest=child is not None,
        verified=child is not None and child.is_verified,
        of_age_on=of_age_on,
        detrimental=search.detrimental is not None and not version.is_agency(file.asked_by),
    )


def is_child(child: FoundChild | None, birth: PartialDate | None, on: date) -> bool:
    """True if a found person counts as a child on a day (P-19).

    A team that judged one wins over the birth that was described. Only the birthday that both
    agreed on, and that came after the judgement, ends it.
    """
    of_age_on = _of_age_on(child, birth)
    return child is not None if of_age_on is None else on < of_age_on


def _of_age_on(child: FoundChild | None, birth: PartialDate | None) -> date | None:
    """The day of coming of age; None if a judgement says that the described birth is wrong."""
    described = comes_of_age(birth)
    if child is None or described is None:
        return described
    return described if child.judged_on is not None and child.judged_on < described else None


def comes_of_age(birth: PartialDate | None) -> date | None:
    """Return the last day on which the person may come of age, as far as the birth is known."""
    if birth is None:
        return None
    born = birth.latest
    try:
        return born.replace(year=born.year + ADULT_AGE)
    except ValueError:  # the 29th of February, in a year that has none, or the year 10000
        return date(min(born.year + ADULT_AGE, date.max.year), 3, 1)
