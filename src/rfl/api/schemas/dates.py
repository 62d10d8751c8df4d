"""Dates as families give them: the words and their calendar, or an age on a day."""

import re
from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field

from rfl.api.schemas.base import Brief, Choice, Day, Strict
from rfl.domain.dates import Calendar, PartialDate, Precision, date_from_age, parse_date
from rfl.errors import InvalidInput

_FROM_AGE = re.compile(r"(\d{1,3})-(\d{1,3}) on (\d{4}-\d{2}-\d{2})", re.ASCII)


class Age(Strict):
    """An age in whole years, as a range, on the day on which it was said."""

    low: Annotated[int, Field(ge=0, le=130)]
    high: Annotated[int, Field(ge=0, le=130)]
    on: Day


class PartialDay(Strict):
    """A date known in part: `text` in its calendar, or an `age`.

    The other fields are what the node understood. They are answered; they may be sent back as
    they came, and are refused if they contradict the text.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"text": "about 1979", "calendar": "gregorian"},
                {"age": {"low": 35, "high": 45, "on": "2024-05-01"}},
            ]
        }
    )

    text: Brief | None = None
    calendar: Annotated[Calendar, Choice] = Calendar.GREGORIAN
    age: Age | None = None
    edtf: Brief | None = None
    earliest: Day | None = None
    latest: Day | None = None
    precision: Annotated[Precision, Choice] | None = None
    approximate: bool | None = None
    uncertain: bool | None = None
    year_only_convention: bool | None = None

    def to_domain(self) -> PartialDate:
        """Return the date, or raise InvalidInput if it is impossible or contradicts itself."""
        meant = self._meant()
        for name in _UNDERSTOOD:
            given = getattr(self, name)
            if given is not None and given != getattr(meant, name):
                raise InvalidInput(name, "must be what the text means, or be left out")
        return meant

    def _meant(self) -> PartialDate:
        if (self.text is None) == (self.age is None):
            raise InvalidInput("text", "must be given, or an age, and not both")
        if self.age is not None:
            return date_from_age(self.age.low, self.age.high, self.age.on)
        written = self.text or ""
        if found := _FROM_AGE.fullmatch(written):
            return _date_from_written_age(found)
        return parse_date(written, self.calendar, field="text")


_UNDERSTOOD = (
    "edtf",
    "earliest",
    "latest",
    "precision",
    "approximate",
    "uncertain",
    "year_only_convention",
)


def _date_from_written_age(found: re.Match[str]) -> PartialDate:
    try:
        on = date.fromisoformat(found[3])
    except ValueError:
        raise InvalidInput("text", "must name a day that exists") from None
    return date_from_age(int(found[1]), int(found[2]), on, field="text")
