"""`rfl demo`: the main job on made-up people, from an empty folder to an erased case."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Literal

import typer

from rfl.cli import demo_network, demo_show, demo_steps, show
from rfl.cli.demo_node import running_node
from rfl.cli.demo_steps import DemoFailed, Facts, Story
from rfl.cli.node import Stopwatch
from rfl.errors import InvalidInput

app = typer.Typer()

FAILED = 1


@app.command(
    epilog=show.examples(
        "rfl demo",
        "rfl demo --language mk",
        "rfl demo --json",
        "rfl demo --list my-list.xlsx",
        "rfl demo --log demo.rfllog",
        "rfl demo --network",
        "rfl demo --network --keep proofs --json",
    )
)
def demo(
    *,
    own: Annotated[
        Path | None,
        typer.Option("--list", exists=True, dir_okay=False, help="Also import this file."),
    ] = None,
    language: Annotated[
        Literal["en", "fr", "es", "ar", "ru", "mk"], typer.Option(help="Language of the reasons.")
    ] = "en",
    log: Annotated[
        Path | None,
        typer.Option(help="Keep the node's access log in this new file, for `rfl audit verify`."),
    ] = None,
    network: Annotated[
        bool, typer.Option("--network", help="Show three societies that work one case instead.")
    ] = False,
    keep: Annotated[
        Path | None,
        typer.Option(help="With --network: leave receipts, descriptors and logs in this folder."),
    ] = None,
    as_json: show.Json = False,
) -> None:
    """Show the main job on made-up people, in a node of its own that leaves nothing behind.

    It starts a real node in a temporary folder, registers a dozen people on the Balkan route,
    imports lists, opens tracing requests over HTTP, shows what the matcher proposes and why,
    decides two proposals, shows who read what, and erases a case. RFL_* settings are not used.

    With --network three real nodes, two societies and the Central Tracing Agency, work one case: a
    request, its answer, a Red Cross Message while the line is cut, a withdrawal that is attested.
    Then every receipt and every log is verified. It takes less than a minute.

    Each step checks itself; if one does not come out as it must, the exit code is 1.
    """
    _require_one_story(own, log, keep, network=network)
    if network:
        told = demo_network.told(keep, quiet=as_json)
    else:
        told = _told(own, log, language, quiet=as_json)
    _play(told, as_json=as_json)


def _play(told: Iterator[Facts], *, as_json: bool) -> None:
    """Go through the steps and say how it ended; exit with 1 where one did not as it must."""
    watch = Stopwatch()
    steps: list[Facts] = []
    failed: str | None = None
    try:
        with _ended_by_signal():
            for done in told:
                steps.append(done)
    except DemoFailed as failure:
        failed = str(failure)
    report = {"ok": failed is None, "seconds": watch.seconds, "steps": steps}
    if as_json:
        show.as_json(report | ({"expected": failed} if failed else {}))
    else:
        demo_show.end(failed, watch.seconds)
    if failed is not None:
        raise typer.Exit(FAILED)


def _require_one_story(
    own: Path | None, log: Path | None, keep: Path | None, *, network: bool
) -> None:
    if network and (own is not None or log is not None):
        raise InvalidInput("--network", "must stand without --list and --log")
    if keep is not None and (not network or keep.exists()):
        raise InvalidInput("--keep", "must be a new folder, and stand with --network")


def _told(own: Path | None, log: Path | None, language: str, *, quiet: bool) -> Iterator[Facts]:
    """Do step after step, and yield what each says."""
    watch = Stopwatch()
    if not quiet:
        demo_show.before("start")
    with running_node() as node:
        story = demo_steps.begun(node, language)
        yield _step("start", {"accounts": [role.value for role in node.tokens]}, watch)
        for name, do in _steps(own, log):
            if not quiet:
                demo_show.before(name)
            watch = Stopwatch()
            facts = do(story)
            if not quiet:
                demo_show.after(name, story, facts)
            yield _step(name, facts, watch)


def _steps(own: Path | None, log: Path | None) -> list[tuple[str, Callable[[Story], Facts]]]:
    steps: list[tuple[str, Callable[[Story], Facts]]] = [
        ("register", demo_steps.register_people),
        ("lists", lambda story: demo_steps.import_lists(story, own)),
        ("requests", demo_steps.open_requests),
        ("proposals", demo_steps.await_proposals),
        ("decisions", demo_steps.decide_two),
        ("log", demo_steps.show_readers),
        ("erasure", demo_steps.erase_one),
        ("disk", demo_steps.look_on_disk),
    ]
    if log is not None:
        steps.append(("audit", lambda story: demo_steps.keep_log(story, log)))
    return [*steps, ("stop", demo_steps.stop_node)]


def _step(name: str, facts: Facts, watch: Stopwatch) -> Facts:
    return {"step": name, "ok": True, "seconds": watch.seconds, **facts}


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """Let SIGTERM end the demonstration as Ctrl-C does, so that its folder goes too."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
