"""What the demonstration says in a terminal: what happens, why, and what came of it."""

from collections.abc import Iterator
from typing import Any

from rich.table import Table
from rich.text import Text

from rfl.cli import show
from rfl.cli.demo_steps import Facts, Story
from rfl.client.shapes import Match

_SAID = {
    "start": (
        "A node of its own",
        "Made in a temporary folder: keys, an empty database, three accounts. It runs as a "
        "process of its own and is spoken to over HTTP, as any other.",
    ),
    "register": (
        "People are registered",
        "A camp and an office register whom they met, each in the clerk's own script. Every "
        "record is sealed under keys of its own before it is stored.",
    ),
    "lists": (
        "Partners send lists",
        "PFIF from shelters, a workbook from a camp. Rows that break a rule are refused by "
        "number, field and rule; the rest goes in, and the same list again changes nothing.",
    ),
    "requests": (
        "Families open tracing requests",
        "One enquirer each, and whom they look for. Two families are looking for each other.",
    ),
    "proposals": (
        "The matcher proposes, with its reasons",
        "It compares spellings and scripts in memory; nothing searchable is on disk. Two who "
        "search for each other are found too. It never decides.",
    ),
    "decisions": (
        "An officer decides",
        "Two women have the mother's name. One is confirmed, one rejected, each with a reason.",
    ),
    "log": (
        "Who read what",
        "The data protection officer asks who used the son's case. Every use is there with its "
        "purpose, and so is the administrator's attempt, which was refused.",
    ),
    "erasure": (
        "A family withdraws",
        "The sister's case is erased by destroying its keys. Nobody can open it any more, and "
        "its proposals are gone. Her brother's own case stays.",
    ),
    "disk": (
        "Nothing to read on disk",
        "Every name of this demonstration is looked for in every file of the node.",
    ),
    "audit": (
        "An auditor is given the access log",
        "One file, with the log's own key and checkpoints. It is checked without the node, as "
        "anybody can check it.",
    ),
    "stop": ("The node stops", "It answers what is under way, then ends; its folder is removed."),
}


def before(name: str) -> None:
    """Say what is about to happen, and why."""
    title, why = _SAID[name]
    number = list(_SAID).index(name) + 1
    show.out.print(f"\n[bold]{number}. {title}[/bold]")
    show.out.print(why, style="dim")


def after(name: str, story: Story, facts: Facts) -> None:
    """Show what came of it."""
    if name == "lists":
        _lists(facts)
    elif name == "requests":
        show.out.print("\n".join(f"  {title}" for title in story.cases))
    elif name == "proposals":
        _proposals(story)
    elif name == "log":
        _log(story)
    else:
        show.as_facts({f"  {key.replace('_', ' ')}": value for key, value in _flat(facts)})


def end(failed: str | None, seconds: float) -> None:
    """Say how it ended."""
    if failed is None:
        show.out.print(f"\n[green]Everything came out as it must[/green], in {seconds:.1f} s.")
    else:
        show.err.print(Text(f"This did not come out as it must: {failed}.", style="red"))


def _flat(facts: Facts) -> Iterator[tuple[str, object]]:
    for key, value in facts.items():
        if isinstance(value, dict):
            yield from value.items()
        else:
            yield key, value


def _lists(facts: Facts) -> None:
    columns = ("rows", "added", "changed", "unchanged", "refused")
    rows = [
        [name.replace("_", " "), *(taken[column] for column in columns)]
        for name, taken in facts.items()
        if isinstance(taken, dict)
    ]
    show.as_table(None, ["list", *columns], rows)
    for name, taken in facts.items():
        for one in taken["refusals"][:5] if isinstance(taken, dict) else ():
            refused = f"  {name}: row {one['row']}, {one['field']}: {one['rule']}"
            show.out.print(refused, markup=False)


def _proposals(story: Story) -> None:
    table = Table(show_lines=True, header_style="bold")
    for column in ("Family", "Looked for", "Proposed", "Band", "Why"):
        table.add_column(column, overflow="fold")
    for title, found in story.proposals.items():
        for one in found[:2]:
            sides = (_named(one["sought"]["names"]), _named(one["other"]["names"]))
            table.add_row(
                Text(title), *map(Text, sides), Text(one["band"].replace("_", " ")), _why(one)
            )
    show.out.print(table)


def _named(names: list[Any]) -> str:
    """Names side by side, each isolated: one from right to left must not carry its neighbours."""
    return " / ".join(
        f"\N{FIRST STRONG ISOLATE}{name['text']}\N{POP DIRECTIONAL ISOLATE}" for name in names
    )


def _why(match: Match) -> Text:
    """The reasons that weigh, for and against, the weightiest first."""
    weighing = [one for one in match["reasons"] if abs(one["weight"]) >= 0.1]
    weighing = [one for one in weighing if not one["code"].startswith("prior")]
    weighing.sort(key=lambda one: -abs(one["weight"]))
    lines = [f"{'+' if one['weight'] > 0 else '-'} {one['sentence']}" for one in weighing]
    return Text("\n".join([match["band_sentence"], *lines]))


def _log(story: Story) -> None:
    rows = [
        [
            entry["at"][11:19],
            entry["role"],
            entry["action"],
            entry["purpose"] or "",
            ", ".join(entry["groups"]),
            entry["decision"],
        ]
        for entry in story.entries
    ]
    show.as_table(None, ("time", "who", "did", "purpose", "opened", "decision"), rows)
