"""`rfl import` and `rfl lists`: partners' lists, straight into the node's own database."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from rfl.cli import list_options as options
from rfl.cli import show
from rfl.cli.list_file import ListFile, opened_list
from rfl.cli.list_intake import Reading, take_in, try_out
from rfl.cli.node import BRANCH, Stopwatch, intake_call, office_call, opened_node
from rfl.domain.dates import Calendar
from rfl.domain.purpose import LegalBasis
from rfl.domain.registration import Reliability, Sharing, SourceKind, Status
from rfl.errors import InvalidInput, StorageFailed
from rfl.flows.erase import take_back_list
from rfl.flows.offer_list import read_terms
from rfl.flows.take_list import Taken
from rfl.interchange.detect import ListFormat
from rfl.interchange.rejects import write_rejects
from rfl.interchange.rows import ListTerms

top = typer.Typer()
app = typer.Typer(no_args_is_help=True, help="Lists that were taken in.")

PFIF_OWNER = "PFIF, owner not stated"
SHOWN = 20


@dataclass(frozen=True, slots=True)
class _Report:
    """What an import did. `list_id` is empty for a dry run."""

    taken: Taken
    unmapped: tuple[str, ...]
    seconds: float
    per_second: float


@top.command(
    "import",
    epilog=show.examples(
        "rfl import camp.xlsx --owner 'Camp Vinojug' --kind camp --branch gevgelija",
        "rfl import list.pfif.xml --rejects rejects.csv --json",
        "rfl import list.csv --column full_name='Nom complet' --column birth=DOB",
        "rfl import list.csv --dry-run",
    ),
)
def import_list(  # noqa: PLR0913 (each argument is an option of the command)
    file: options.File,
    *,
    owner: options.Owner = None,
    kind: options.Kind = SourceKind.PARTNER_LIST,
    reliability: options.Reliable = Reliability.UNKNOWN,
    sharing: options.Shared = Sharing.HERE_ONLY,
    legal_basis: options.Basis = LegalBasis.PUBLIC_INTEREST,
    status: options.Stated = Status.REGISTERED,
    calendar: options.BirthCalendar = Calendar.GREGORIAN,
    domain: options.Domain = None,
    column: options.Columns = None,
    sheet: options.Sheet = None,
    branch: options.Branch = BRANCH,
    rejects: options.Rejects = None,
    jobs: options.Jobs = options.JOBS,
    dry_run: options.DryRun = False,
    as_json: show.Json = False,
) -> None:
    """Take in a list of people: PFIF (XML), CSV or XLSX, told apart by content.

    Rows are sealed and stored in batches. A row that breaks a rule is refused and named by its
    number, field and rule, and the rest goes in: the exit code is still 0. A file that is not
    what it claims to be is exit code 2; what went in before the fault stays, and the corrected
    file completes it.

    The same list again changes nothing; a changed row changes its registration; a person who was
    erased does not come back. Headers of tables are known in English, French, Spanish and Arabic.
    """
    with opened_list(file) as source:
        keeper = owner or _asked_owner(source, file, quiet=as_json)
        agreed = (kind, reliability, sharing, legal_basis, status, calendar, domain)
        terms = ListTerms(keeper, *agreed)
        reading = Reading(source, terms, _mapping(column or []), sheet)
        watch = Stopwatch()
        if dry_run:
            taken, listing = try_out(reading)
        else:
            taken, listing = take_in(reading, branch, jobs, quiet=as_json)
    report = _Report(taken, listing.unmapped, watch.seconds, watch.per_second(taken.rows))
    if rejects is not None:
        _write_rejects(taken, rejects)
    _show(report, as_json=as_json)


@app.command("show", epilog=show.examples("rfl lists show lst_..."))
def show_terms(
    list_id: Annotated[str, typer.Argument(metavar="LIST", help="Id of the list.")],
    *,
    as_json: show.Json = False,
) -> None:
    """Show the terms on which a list was taken in."""
    with opened_node() as rt:
        terms = asdict(read_terms(rt, intake_call(BRANCH), list_id))
    if as_json:
        show.as_json({"list_id": list_id, **terms})
    else:
        show.as_facts(terms)


@app.command("take-back", epilog=show.examples("rfl lists take-back lst_..."))
def take_back(
    list_id: Annotated[str, typer.Argument(metavar="LIST", help="Id of the list.")],
    *,
    as_json: show.Json = False,
) -> None:
    """Remove every registration that a list brought, with its keys and proposals.

    A corrected list may bring the same people again.
    """
    with opened_node() as rt:
        count = take_back_list(rt, office_call(), list_id)
    if as_json:
        show.as_json({"list_id": list_id, "removed": count})
    else:
        show.out.print(f"{count} registrations were removed.")


def _asked_owner(source: ListFile, file: Path, *, quiet: bool) -> str:
    """Ask in a terminal. PFIF's ids are unique by themselves; a table's belong to its owner."""
    usual = PFIF_OWNER if source.form is ListFormat.PFIF else file.name
    if quiet or not show.can_ask():
        return usual
    return str(typer.prompt("Who keeps this list", default=usual, err=True))


def _mapping(columns: list[str]) -> Mapping[str, str] | None:
    pairs = [column.partition("=") for column in columns]
    if not all(field and sign and header for field, sign, header in pairs):
        raise InvalidInput("column", "must be FIELD=HEADER")
    if len({field for field, _sign, _header in pairs}) < len(pairs):
        raise InvalidInput("column", "must not name a field twice")
    return {field: header for field, _sign, header in pairs} or None


def _write_rejects(taken: Taken, path: Path) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            write_rejects(taken.refusals, stream)
    except OSError as cause:
        raise StorageFailed("The file cannot be written.", field="rejects") from cause


def _show(report: _Report, *, as_json: bool) -> None:
    taken = report.taken
    facts: dict[str, object] = {"list_id": taken.list_id or None, "rows": taken.rows}
    for name in ("added", "changed", "unchanged", "expired", "erased_before", "refused"):
        facts[name] = getattr(taken, name)
    facts |= {"seconds": report.seconds, "per_second": report.per_second}
    refusals = [{"row": one.number, "field": one.field, "rule": one.rule} for one in taken.refusals]
    if as_json:
        show.as_json(facts | {"rejects": refusals, "unmapped": report.unmapped})
        return
    show.as_facts({name.replace("_", " "): value for name, value in facts.items()})
    if report.unmapped:
        show.out.print(f"Columns that were not read: {', '.join(report.unmapped)}", markup=False)
    if refusals:
        rows = [one.values() for one in refusals[:SHOWN]]
        show.as_table(f"Refused rows ({taken.refused})", ("row", "field", "rule"), rows)
    if len(refusals) > SHOWN:
        show.out.print("The rest is in the file that --rejects names.")
