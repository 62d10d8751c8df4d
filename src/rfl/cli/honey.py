"""`rfl honey`: cases that nobody has a reason to open. On the node's machine alone."""

from typing import Annotated

import typer

from rfl.cli import show
from rfl.cli.node import office_call, opened_node
from rfl.flows import plant

app = typer.Typer(no_args_is_help=True, help="Honey cases: whoever opens one sets off an alarm.")

_Case = Annotated[str, typer.Argument(metavar="CASE", help="Id of the case.")]


@app.command(
    "plant",
    epilog=show.examples(
        "rfl case open invented.json --token-file supervisor   # level: named_persons_only",
        "rfl honey plant cas_...",
    ),
)
def plant_case(case: _Case, *, as_json: show.Json = False) -> None:
    """Make a case that was just opened, with invented people, a honey case.

    Open it at level named_persons_only, so that it is compared with nobody before. Afterwards its
    officer changes the level to normal over the API: that is the first opening, and its alarm
    shows that alarms reach people. The case looks like any other; the matcher does not know it, no
    queue or count has it, and no letter about it leaves.
    """
    with opened_node() as rt:
        plant.plant_honey(rt, office_call(), case)
    _say("planted", as_json=as_json)


@app.command("list", epilog=show.examples("rfl honey list --json"))
def list_cases(*, as_json: show.Json = False) -> None:
    """Print the ids of the honey cases. No route shows them: a stolen login must not learn them."""
    with opened_node() as rt:
        found = plant.list_honey(rt, office_call())
    if as_json:
        show.as_json({"cases": found})
    else:
        show.as_table(None, ["case"], ([case] for case in found))


@app.command("remove", epilog=show.examples("rfl honey remove cas_..."))
def remove_case(case: _Case, *, as_json: show.Json = False) -> None:
    """Take a case off the list, once it is erased like any other."""
    with opened_node() as rt:
        plant.remove_honey(rt, office_call(), case)
    _say("removed", as_json=as_json)


def _say(done: str, *, as_json: bool) -> None:
    if as_json:
        show.as_json({"done": done})
    else:
        show.out.print(f"The case is {done}.")
