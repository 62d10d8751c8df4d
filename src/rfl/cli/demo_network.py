"""`rfl demo --network`: what is done and said, step by step."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from rfl.cli import demo_network_proofs as proofs
from rfl.cli import demo_network_steps as steps
from rfl.cli import show
from rfl.cli.demo_network_steps import Story
from rfl.cli.demo_society import SOCIETIES, running_societies
from rfl.cli.demo_steps import Facts
from rfl.cli.node import Stopwatch

_SAID = {
    "start": (
        "Three societies",
        "Skopje, Belgrade and the Central Tracing Agency: three processes, each with keys and a "
        "database of its own. An exercise on this machine: no ticks, and no day's wait.",
    ),
    "trust": (
        "They get to know each other",
        "Each reads the other's sixty digits out by phone, and judges how data is protected there.",
    ),
    "request": (
        "A son asks in Skopje",
        "He agrees that Belgrade and the CTA are told. One request leaves for each, sealed, with "
        "the least that a search needs.",
    ),
    "acceptance": (
        "Both societies accept",
        "A request waits until an officer has read it. Nothing of it is matched before.",
    ),
    "match": (
        "Belgrade finds whom it has registered",
        "The matcher proposes, an officer confirms, a searcher verifies. Skopje hears nothing.",
    ),
    "answer": (
        "She is asked, and the family hears",
        "She says what her son may know. That crosses the border, and no word more.",
    ),
    "cut": (
        "The line is cut",
        "Belgrade's process is stopped. The son writes; his letter waits in Skopje, and arrives "
        "when Belgrade is back.",
    ),
    "reply": ("Her reply comes back", "A Red Cross Message, carried and answered."),
    "withdrawal": (
        "He takes his consent back",
        "Both societies destroy what they were sent and attest it. In operation the attestation "
        "waits a day, so that its moment tells nothing.",
    ),
    "proofs": (
        "Everything is checked",
        "Every receipt with its giver's public key, both sides of each pair against each other, "
        "and each log, as an auditor does without the nodes.",
    ),
    "stop": ("The societies stop", "Their folders are removed."),
}


def told(keep: Path | None, *, quiet: bool) -> Iterator[Facts]:
    """Do step after step, and yield what each says; with `keep`, leave the proofs in a folder."""
    watch = Stopwatch()
    _before("start", quiet=quiet)
    with (
        tempfile.TemporaryDirectory(prefix="rfl-demo-") as folder,
        running_societies(Path(folder)) as nodes,
    ):
        story = Story(nodes)
        yield _step("start", {"societies": SOCIETIES}, watch)
        for name, do in _steps(keep):
            _before(name, quiet=quiet)
            watch = Stopwatch()
            facts = do(story)
            if not quiet:
                show.as_facts({f"  {key.replace('_', ' ')}": one for key, one in _flat(facts)})
            yield _step(name, facts, watch)


def _steps(keep: Path | None) -> list[tuple[str, Callable[[Story], Facts]]]:
    return [
        ("trust", steps.make_friends),
        ("request", steps.ask_two),
        ("acceptance", steps.accept_both),
        ("match", steps.match_there),
        ("answer", steps.consult_her),
        ("cut", steps.write_while_cut),
        ("reply", steps.reply_comes_back),
        ("withdrawal", steps.take_back),
        ("proofs", lambda story: proofs.check_all(story, keep)),
        ("stop", steps.stop_all),
    ]


def _step(name: str, facts: Facts, watch: Stopwatch) -> Facts:
    return {"step": name, "ok": True, "seconds": watch.seconds, **facts}


def _before(name: str, *, quiet: bool) -> None:
    if not quiet:
        title, why = _SAID[name]
        show.out.print(f"\n[bold]{list(_SAID).index(name) + 1}. {title}[/bold]")
        show.out.print(why, style="dim")


def _flat(facts: Facts) -> Iterator[tuple[str, object]]:
    for key, value in facts.items():
        if isinstance(value, dict):
            yield from ((f"{key} {name}", one) for name, one in value.items())
        else:
            yield key, ", ".join(map(str, value)) if isinstance(value, list) else value
