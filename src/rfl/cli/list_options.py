"""The options of `rfl import`, each with what its help says."""

import os
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from rfl.domain.dates import Calendar
from rfl.domain.purpose import LegalBasis
from rfl.domain.registration import Reliability, Sharing, SourceKind, Status

MOST_JOBS = 4
JOBS = min(MOST_JOBS, len(os.sched_getaffinity(0)))

File = Annotated[Path, Argument(metavar="FILE", help="PFIF 1.1 to 1.4, CSV or XLSX.")]
Owner = Annotated[str | None, Option(help="Who keeps the list; asked for in a terminal.")]
Kind = Annotated[SourceKind, Option(help="What they are.")]
Reliable = Annotated[Reliability, Option(help="How far they checked who people are.")]
Shared = Annotated[Sharing, Option(help="What they allow to pass on.")]
Basis = Annotated[LegalBasis, Option(help="On what basis the list is held.")]
Stated = Annotated[Status, Option(help="Of rows that state none.")]
BirthCalendar = Annotated[Calendar, Option(help="Of dates of birth in a table.")]
Domain = Annotated[str | None, Option(help="Domain that every PFIF record must come from.")]
Columns = Annotated[
    list[str] | None,
    Option(metavar="FIELD=HEADER", help="Which column holds a field; may be repeated."),
]
Sheet = Annotated[str | None, Option(help="Sheet of a workbook; default: the first.")]
Branch = Annotated[str, Option(help="Branch that the people are kept for.")]
Rejects = Annotated[
    Path | None, Option(help="Write refused rows here: row, field and rule, no value.")
]
Jobs = Annotated[
    int, Option(min=1, max=16, help="Processes that seal and store the rows of a long list.")
]
DryRun = Annotated[bool, Option("--dry-run", help="Read and check the file; store nothing.")]
