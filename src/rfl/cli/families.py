"""`rfl enquiry look|join|another` and `rfl case merge|unmerge|timeline`: cases of one family."""

from itertools import islice
from typing import Annotated

import typer

from rfl.cli import calling, show
from rfl.domain.purpose import Purpose

enquiry_app = typer.Typer()
case_app = typer.Typer()

_Enquiry = Annotated[str, typer.Argument(metavar="ENQUIRY", help="Id of the enquiry.")]
_Case = Annotated[str, typer.Argument(metavar="CASE", help="Id of the case.")]
_Most = Annotated[int, typer.Option("--limit", min=1, help="At most so many.")]
_WHY = Purpose.TRACING


@enquiry_app.command("look", epilog=show.examples("rfl enquiry look enq_... request.json ..."))
def look(
    enquiry: _Enquiry,
    file: calling.Body,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Show at most ten cases that may be of the same family, as JSON, by name and band.

    An enquiry becomes a case after this alone: join one of them, or say that it is another.
    """
    with calling.client(token, url, why) as client:
        found = client.enquiries.look(enquiry, calling.body_of(file, {}))  # type: ignore[arg-type]
        show.as_json({"items": found})


@enquiry_app.command("join", epilog=show.examples("rfl enquiry join enq_... cas_... ..."))
def join(
    enquiry: _Enquiry,
    case: _Case,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Let the enquiry join a case that was shown: the same enquirer asks again."""
    with calling.client(token, url, why) as client:
        version = client.enquiries.read(enquiry)["version"]
        show.as_json(client.enquiries.join(enquiry, version, case))


@enquiry_app.command("another", epilog=show.examples("rfl enquiry another enq_... why.json ..."))
def another(
    enquiry: _Enquiry,
    file: calling.Body,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Say why none of the cases shown is this family's: {"reason": ...} in the file."""
    reason = str(calling.body_of(file, {}).get("reason", ""))
    with calling.client(token, url, why) as client:
        version = client.enquiries.read(enquiry)["version"]
        show.as_json(client.enquiries.open_another(enquiry, version, reason))


@case_app.command("merge", epilog=show.examples("rfl case merge cas_... who_is_who.json ..."))
def merge(
    case: _Case,
    file: calling.Body,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Work a case within another: into, same_enquirer, persons (sought, same_as) in the file.

    Both keep everything, and `rfl case unmerge` takes them apart again.
    """
    with calling.client(token, url, why) as client:
        version = client.files.read(case)["version"]
        show.as_json(client.files.merge(case, version, calling.body_of(file, {})))


@case_app.command("unmerge", epilog=show.examples("rfl case unmerge cas_... --token-file me"))
def unmerge(
    case: _Case, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Undo a merge: each case is what it was, with what was done since."""
    with calling.client(token, url, why) as client:
        version = client.files.read(case)["version"]
        show.as_json(client.files.unmerge(case, version))


@case_app.command(
    "timeline",
    epilog=show.examples("rfl case timeline cas_... --token-file me", "... --team --json"),
)
def timeline(  # noqa: PLR0913 (each argument is an option of the command)
    case: _Case,
    *,
    token: calling.Token,
    team: Annotated[bool, typer.Option("--team", help="What the searching team did.")] = False,
    url: calling.Url = None,
    why: calling.Why = _WHY,
    limit: _Most = 1_000,
    as_json: show.Json = False,
) -> None:
    """Show who did what when, the oldest first; the words that were kept are in --json alone."""
    with calling.client(token, url, why) as client:
        lines = client.files.search_timeline if team else client.files.timeline
        found = list(islice(lines(case), limit))
    if as_json:
        show.as_json({"items": found})
        return
    columns = ["at", "by", "kind", "record", "state"]
    show.as_table(None, columns, [[line[name] or "" for name in columns] for line in found])
