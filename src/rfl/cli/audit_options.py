"""Options that the auditor's commands share."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from typer import Option

TokenFile = Annotated[
    Path | None,
    Option(help="File with a token: ask as its account, not as the node's machine."),
]
Day = Annotated[datetime | None, Option(formats=["%Y-%m-%d"], help="Day of the society.")]


def first_moment(day: date | None, zone: ZoneInfo) -> datetime | None:
    """Return when a day begins in the society's zone."""
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=zone)


def moment_after(day: date | None, zone: ZoneInfo) -> datetime | None:
    """Return when a day is over in the society's zone."""
    return None if day is None else first_moment(day + timedelta(days=1), zone)
