"""`rfl audit review`, `findings` and `judge`: unusual reading, for people to look at."""

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from rfl.cli import show
from rfl.cli.audit_options import Day, TokenFile
from rfl.cli.node import asking_call, opened_node
from rfl.domain.finding import FindingState
from rfl.domain.purpose import Purpose
from rfl.errors import InvalidInput
from rfl.flows.judge_findings import FindingView, judge_finding, list_findings, read_finding
from rfl.flows.review_reading import review_reading

app = typer.Typer()

_PAGE = 200
_START = (-1, "")


@app.command(
    "review",
    epilog=show.examples(
        "rfl audit review", "rfl audit review --since 2026-03-01 --until 2026-03-07 --json"
    ),
)
def review(
    *,
    since: Day = None,
    until: Day = None,
    family_names: Annotated[
        bool,
        typer.Option("--family-names", help="Compare the names of what was read, too."),
    ] = False,
    token_file: TokenFile = None,
    as_json: show.Json = False,
) -> None:
    """Look for unusual reading in days that are over; without days, in yesterday.

    A rule finds who reads much more, more broadly, at other hours or in other cases than before
    or than others do, bursts of refusals, and peers that ask for what is not theirs. What was
    found before is not found again. Run it once a day.

    With --family-names what was read by those who gave their own family names is opened and
    compared; only that there was such a reading is kept.
    """
    with opened_node() as rt:
        call = asking_call(rt, Purpose.AUDIT, token_file)
        done = review_reading(rt, call, _day(since), _day(until), family_names=family_names)
    facts = asdict(done) | {"since": str(done.since), "until": str(done.until)}
    if as_json:
        show.as_json(facts)
    else:
        show.as_facts(facts)


@app.command(
    "findings",
    epilog=show.examples("rfl audit findings --state open", "rfl audit findings --json"),
)
def findings(
    *,
    state: Annotated[FindingState | None, typer.Option(help="Only those in this state.")] = None,
    token_file: TokenFile = None,
    as_json: show.Json = False,
) -> None:
    """List what reviews have found, and what was decided about it."""
    found: list[FindingView] = []
    after = _START
    with opened_node() as rt:
        call = asking_call(rt, Purpose.AUDIT, token_file)
        while page := list_findings(rt, call, after, _PAGE, state=state):
            found += page
            after = (page[-1].created_at, page[-1].id)
            if len(page) < _PAGE:
                break
    if as_json:
        show.as_json({"items": [_plain(view) for view in found]})
        return
    rows = [_row(view) for view in found]
    show.as_table(None, ("finding", "day", "code", "whose", "figures", "state"), rows)


@app.command(
    "judge",
    epilog=show.examples(
        "rfl audit judge fnd_... explained --reason-file why.txt --token-file my-token"
    ),
)
def judge(
    finding_id: Annotated[str, typer.Argument(metavar="FINDING", help="Its id.")],
    state: Annotated[FindingState, typer.Argument(help="explained or escalated.")],
    *,
    reason_file: Annotated[Path, typer.Option(help="File with the reason; it is kept sealed.")],
    token_file: Annotated[Path, typer.Option(help="File with the token of who decides.")],
    as_json: show.Json = False,
) -> None:
    """Decide about a finding, with a reason; an auditor or data protection officer does.

    Nobody decides about their own reading.
    """
    try:
        reason = reason_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as cause:
        raise InvalidInput("--reason-file", "must be a text file that can be read") from cause
    with opened_node() as rt:
        call = asking_call(rt, Purpose.AUDIT, token_file)
        version = read_finding(rt, call, finding_id).row.version
        following = judge_finding(rt, call, finding_id, version, state, reason)
    if as_json:
        show.as_json({"id": finding_id, "state": state, "version": following})
    else:
        show.out.print(f"The finding is {state.value}.")


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _row(view: FindingView) -> tuple[object, ...]:
    one = view.finding
    return view.id, one.day, one.code.value, one.subject, _figures(view), view.judged.state.value


def _figures(view: FindingView) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in view.finding.figures.items())


def _plain(view: FindingView) -> dict[str, Any]:
    steps = [
        {"state": one.state, "by": one.by, "at": one.at.isoformat(), "reason": one.reason}
        for one in view.judged.steps
    ]
    return {
        "id": view.id,
        "state": view.judged.state,
        "version": view.row.version,
        "code": view.finding.code,
        "subject": view.finding.subject,
        "day": str(view.finding.day),
        "figures": dict(view.finding.figures),
        "log_ids": list(view.finding.log_ids),
        "decisions": steps,
    }
