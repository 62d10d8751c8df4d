"""A row's values become a registration on the terms of its list, or a refusal."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from rfl.domain.dates import Calendar, PartialDate, date_from_age, parse_date
from rfl.domain.ids import PersonId, new_id
from rfl.domain.person import Person, Sex
from rfl.domain.registration import Registration, Reliability, Source, SourceKind, Status
from rfl.errors import InvalidInput
from rfl.interchange import descriptions
from rfl.interchange.descriptions import Values
from rfl.interchange.rows import ListTerms, Refusal, Row, RowText, Sighting
from rfl.interchange.vocabulary import read_sex, read_status

_AGE = re.compile(r"~?\s*([0-9]{1,3})(?:\s*[-\N{EN DASH}]\s*([0-9]{1,3}))?")
_REMARKS = ("remarks", "description", "note_text")
_DATES_KEPT = 10_000
# The field of a row that stands behind the domain's own name of a field.
_FIELD_OF = {
    "names": "full_name",
    "nationalities": "nationality",
    "identifiers": "phone",
    "photos": "photo",
    "journey": "last_known_location",
    "phones": "phone",
    "emails": "email",
    "alternates": "author_name",
}


class RegistrationMaker:
    """Makes the registrations of one list.

    `labels` gives the file's own word for a field, which a refusal names. Dates of birth that
    were read are kept for as long as the maker lives, since lists repeat them.
    """

    def __init__(self, terms: ListTerms, today: date, labels: Mapping[str, str]) -> None:
        self._terms = terms
        self._today = today
        self._labels = labels
        self._dates: dict[str, PartialDate] = {}

    def row(self, text: RowText) -> Row | Refusal:
        """Return the row taken, expired, or refused with the first rule that it breaks."""
        try:
            return self._row(text.number, text.values, text.sightings)
        except InvalidInput as error:
            return self.refusal(text.number, _field_of(error), error.rule)

    def refusal(self, number: int, field: str, rule: str) -> Refusal:
        """Return a refusal that names the field as the file does."""
        return Refusal(number, self._labels.get(field, field), rule)

    def _row(self, number: int, values: Values, sightings: Sequence[Sighting]) -> Row:
        status, reliability = self._standing(values)
        source = self._source(values, reliability)
        if source.expires_on and source.expires_on < self._today:
            return _expired(number, source)
        registration = Registration(
            person=self._person(values, sightings or _seen(values, source), source.stated_on),
            source=source,
            status=status,
            legal_basis=self._terms.legal_basis,
            contact=descriptions.contact(values),
            remarks="\n".join([values[field] for field in _REMARKS if field in values]) or None,
        )
        return Row(number, registration, source.record_id)

    def _standing(self, values: Values) -> tuple[Status, Reliability]:
        """Return status and reliability. Nobody checked who says "I am alive" of themselves."""
        if "status" not in values:
            return self._terms.status, self._terms.reliability
        status = read_status(values["status"])
        if status is not Status.SELF_REPORTED_ALIVE:
            return status, self._terms.reliability
        alone = self._terms.kind is SourceKind.SELF
        return status if alone else Status.REPORTED_ALIVE, Reliability.IDENTITY_NOT_CHECKED

    def _source(self, values: Values, reliability: Reliability) -> Source:
        terms = self._terms
        return Source(
            kind=terms.kind,
            owner=terms.owner,
            record_id=values.get("record_id"),
            reliability=reliability,
            sharing=terms.sharing,
            stated_on=_day(values["stated_on"], "stated_on") if "stated_on" in values else None,
            expires_on=_day(values["expires_on"], "expires_on") if "expires_on" in values else None,
        )

    def _person(
        self, values: Values, sightings: Sequence[Sighting], stated_on: date | None
    ) -> Person:
        names = descriptions.names(values)
        if not names and self._terms.kind is not SourceKind.REMAINS:
            raise InvalidInput("full_name", "must be present")
        return Person(
            id=PersonId(new_id("per")),
            names=names,
            sex=read_sex(values["sex"]) if "sex" in values else Sex.UNKNOWN,
            birth=self._birth(values, stated_on or self._today),
            birth_place=descriptions.birth_place(values),
            nationalities=descriptions.nationalities(values),
            kin=descriptions.kin(values),
            last_address=descriptions.last_address(values),
            photos=descriptions.photos(values),
            identifiers=descriptions.identifiers(values),
            occupation=values.get("occupation"),
            marks=values.get("marks"),
            journey=descriptions.journey(sightings),
            ethnicity=values.get("ethnicity"),
            religion=values.get("religion"),
            languages=descriptions.items(values, "languages"),
            health=values.get("health"),
            detention=values.get("detention"),
        )

    def _birth(self, values: Values, on: date) -> PartialDate | None:
        """Return the date of birth, or what the age on that day says of it."""
        if "birth_iso" in values:
            return self._date(values["birth_iso"], Calendar.GREGORIAN)
        if "birth" in values:
            return self._date(values["birth"], self._terms.calendar)
        return _birth_from_age(values["age"], on) if "age" in values else None

    def _date(self, text: str, calendar: Calendar) -> PartialDate:
        known = self._dates.get(text)
        if known is None or known.calendar is not calendar:
            known = parse_date(text, calendar, field="birth")
            if len(self._dates) < _DATES_KEPT:
                self._dates[text] = known
        return known


def _seen(values: Values, source: Source) -> Sequence[Sighting]:
    """Return the place that a table gives, seen on the day of the statement."""
    place = values.get("last_known_location")
    return [(place, str(source.stated_on or ""))] if place else ()


def _expired(number: int, source: Source) -> Row:
    if source.record_id is None:
        raise InvalidInput("expires_on", "has passed")
    return Row(number, None, source.record_id, expired=True)


def _day(text: str, field: str) -> date:
    """Return the day of a date or time, which must be known in full."""
    if text[10:11] in {"", "T", " "}:
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            pass  # It may still be a day in another way of writing.
    known = parse_date(text, field=field)
    if known.earliest != known.latest:
        raise InvalidInput(field, "must be one day")
    return known.earliest


def _birth_from_age(text: str, on: date) -> PartialDate:
    age = _AGE.fullmatch(text)
    if age is None:
        raise InvalidInput("age", "must be an age in years, or two as LOW-HIGH")
    low = int(age[1])
    return date_from_age(low, int(age[2] or low), on, field="age")


def _field_of(error: InvalidInput) -> str:
    """Return the row's field: the last step of the domain's path, in the row's own word."""
    step = re.split(r"[.\[]", (error.field or "row").removeprefix("person."))[0]
    return _FIELD_OF.get(step, step)
