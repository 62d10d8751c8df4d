"""The command `rfl`: its tree, and what it says when something is wrong."""

import sys
import traceback
from types import TracebackType

import typer
from typer.main import get_command

from rfl import __version__
from rfl.app import openapi_document
from rfl.cli import (
    accounts,
    attachments,
    audit,
    audit_findings,
    audit_questions,
    audit_sharing,
    audit_witnesses,
    backups,
    breach,
    break_glass,
    bundles,
    cases,
    conformance,
    correspondents,
    database,
    demo,
    disclosures,
    dossiers,
    evaluation,
    families,
    fitting,
    handovers,
    honey,
    initialise,
    introductions,
    keys,
    lists,
    lockdown,
    matching,
    messages,
    partners,
    peers,
    policy,
    post,
    received,
    running,
    show,
    tasks,
)
from rfl.errors import RflError

FAILED = 2

app = typer.Typer(
    name="rfl",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Restoring Family Links: one node of one National Society.\n\n"
    "**Try it:** rfl demo\n\n"
    "**Begin:** set RFL_KEY_FILE, then rfl init, then rfl serve\n\n"
    "Settings are read from RFL_* in the environment; docs/operators.md lists them. "
    "A failure is one line on standard error, and exit code 2.",
)
for commands in (
    *(demo.app, initialise.app, running.app, lists.top),
    *(backups.app, lockdown.app, breach.app),
):
    app.add_typer(commands)
app.add_typer(database.app, name="db")
app.add_typer(keys.app, name="keys")
app.add_typer(lists.app, name="lists")
app.add_typer(accounts.account_app, name="account")
app.add_typer(accounts.token_app, name="token")
app.add_typer(honey.app, name="honey")
app.add_typer(break_glass.app, name="break-glass")
app.add_typer(matching.app, name="match")
app.add_typer(evaluation.app, name="evaluate")
for questions in (audit_questions.app, audit_findings.app):
    audit.app.add_typer(questions)
audit.app.add_typer(audit_witnesses.top)
audit.app.add_typer(audit_witnesses.app, name="witness")
audit.app.add_typer(audit_sharing.app)
app.add_typer(audit.app, name="audit")
app.add_typer(policy.app, name="policy")
peers.app.add_typer(introductions.app)
app.add_typer(peers.app, name="peer")
app.add_typer(bundles.app, name="bundle")
app.add_typer(correspondents.app, name="correspondent")
app.add_typer(post.app, name="exchange")
app.add_typer(post.receipt_app, name="receipt")
app.add_typer(conformance.app)

cases.enquiry_app.add_typer(families.enquiry_app)
cases.case_app.add_typer(families.case_app)
app.add_typer(cases.enquiry_app, name="enquiry")
cases.case_app.add_typer(partners.app)
cases.case_app.add_typer(attachments.app, name="attachment")
cases.case_app.add_typer(handovers.app, name="handover")
cases.case_app.add_typer(disclosures.app, name="disclosure")
cases.case_app.add_typer(dossiers.app, name="dossier")
app.add_typer(cases.case_app, name="case")
app.add_typer(messages.app, name="message")
app.add_typer(tasks.app, name="task")
app.add_typer(received.app, name="received")

app.command("fit", epilog=show.examples("rfl fit PAIRS/ --out name_model.json --json"))(fitting.fit)


@app.command()
def openapi() -> None:
    """Print the OpenAPI 3.1 document of the HTTP API; it needs no node."""
    show.as_json(openapi_document())


@app.command()
def version(*, as_json: show.Json = False) -> None:
    """Print the version of this program."""
    if as_json:
        show.as_json({"version": __version__})
    else:
        show.out.print(__version__)


def main() -> None:
    """Run the command line; a foreseen failure is one line and exit code 2."""
    sys.excepthook = _in_one_line  # `app()` would put its own in this place
    try:
        get_command(app)(prog_name="rfl")
    except RflError as error:
        sys.stderr.write(f"rfl: {error}\n")
        sys.exit(FAILED)


def _in_one_line(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Say where it broke. The text is left out: a library may put what it was given into it."""
    if issubclass(kind, KeyboardInterrupt):
        return
    place = traceback.extract_tb(trace)[-1] if trace else None
    where = f" in {place.name}:{place.lineno}" if place else ""
    sys.stderr.write(f"rfl: internal: {kind.__name__}{where}; please report this\n")


if __name__ == "__main__":
    main()
