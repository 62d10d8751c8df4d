"""The work of `rfl import`: a file's rows into the node, with a progress bar."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from rfl import config, wiring
from rfl.cli import show
from rfl.cli.list_crowd import crowd
from rfl.cli.list_file import ListFile
from rfl.cli.node import intake_call, opened_node
from rfl.errors import MalformedFile
from rfl.flows.offer_list import open_list
from rfl.flows.take_list import Taken, end_list, take_rows
from rfl.interchange.rows import Listing, ListTerms, Refusal

LONG = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reading:
    """A file and how it is read."""

    source: ListFile
    terms: ListTerms
    columns: Mapping[str, str] | None
    sheet: str | None

    def listing(self, today: date) -> Listing:
        """Return its rows, or raise MalformedFile or InvalidInput."""
        return self.source.listing(self.terms, self.columns, self.sheet, today)


def take_in(reading: Reading, branch: str, jobs: int, *, quiet: bool) -> tuple[Taken, Listing]:
    """Take the rows into the node; the head is read before the list is entered.

    For a file of at least LONG bytes, `jobs` other processes seal and store.
    """
    call = intake_call(branch)
    wanted = jobs if reading.source.size >= LONG else 1
    with crowd(branch, wanted) as others, opened_node() as rt:
        listing = reading.listing(rt.clock().astimezone(rt.rules.zone).date())
        list_id = open_list(rt, call, reading.terms, reading.source.digest)
        bar = _Bar(reading.source, quiet=quiet)
        try:
            with bar.progress:
                taken = take_rows(rt, call, list_id, () if others else listing, bar.advance)
                if others:
                    others.take(listing, taken, bar.advance)
            end_list(rt, call, taken)
        except MalformedFile:
            show.err.print(f"{list_id}: {bar.rows} rows went in before the fault.")
            raise
    return taken, listing


def try_out(reading: Reading) -> tuple[Taken, Listing]:
    """Read the rows and count them; nothing is stored, no node is needed."""
    taken = Taken(list_id="", log_id="", owner=reading.terms.owner)
    listing = reading.listing(datetime.now(config.zone_of(wiring.settings())).date())
    for row in listing:
        if isinstance(row, Refusal):
            taken.refuse(row)
        elif row.registration is None:
            taken.expired += 1
        else:
            taken.added += 1
    return taken, listing


class _Bar:
    """Shows how far the file is read, by bytes, and how many rows went in."""

    def __init__(self, source: ListFile, *, quiet: bool) -> None:
        columns = (TextColumn("{task.fields[rows]} rows"), BarColumn(), TimeRemainingColumn())
        hidden = quiet or not show.err.is_terminal
        self.progress = Progress(*columns, console=show.err, transient=True, disable=hidden)
        self.rows = 0
        self._source, self._furthest = source, 0
        self._task = self.progress.add_task("", total=source.size, rows=0)

    def advance(self, count: int) -> None:
        """Count a batch. Workbooks are not read from front to back, but mostly."""
        self.rows += count
        self._furthest = max(self._furthest, self._source.read_so_far())
        self.progress.update(self._task, completed=self._furthest, rows=self.rows)
