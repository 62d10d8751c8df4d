"""Every command of `rfl` that opens or changes something leaves an entry."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rfl.crypto.agent import LocalAgent
from rfl.crypto.sealing import DataKey
from tests.api.files import make_csv
from tests.cli.support import Cli, commands

OPENS_NOTHING = {
    "demo": "plays on a node of its own, which it removes",
    "openapi": "describes the API",
    "version": "says a number",
    "db current": "says a number",
    "evaluate search": "reads files of the caller's own",
    "evaluate names": "reads files of the caller's own",
    "audit verify": "reads an exported file, without a node",
    "audit witness compare": "reads two checkpoints, without a node",
    **dict.fromkeys(
        [f"enquiry {name}" for name in ("receive", "list", "read", "turn")]
        + [f"case {name}" for name in ("open", "queue", "read", "step", "team", "search", "take")],
        "calls routes, which are walked",
    ),
    "serve": "opens by flows and routes alone, which are walked",
    "worker": "opens by flows alone, which are walked",
}
LIST = make_csv(("V-1", "Elena Petrova", "female", "1961"))


@pytest.fixture
def unwraps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The records whose keys were unwrapped, by any agent of this process."""
    seen: list[str] = []
    real = LocalAgent.unwrap

    def counted(agent: LocalAgent, half: str, record: str, wrapped: bytes) -> DataKey:
        seen.append(record)
        return real(agent, half, record, wrapped)

    monkeypatch.setattr(LocalAgent, "unwrap", counted)
    return seen


def steps(cli: Cli, folder: Path) -> Iterator[tuple[str, Callable[[], int]]]:
    """Every other command with real input, its words and its exit code."""
    kept: dict[str, str] = {}
    (folder / "list.csv").write_bytes(LIST)

    def run(*words: object) -> Callable[[], int]:
        return lambda: cli(*words).code

    def keep(name: str, key: str, *words: object) -> Callable[[], int]:
        def call() -> int:
            kept[name] = str(cli(*words, "--json").document[key])
            return 0

        return call

    yield "init", run("init")
    yield (
        "account add",
        keep(
            "token",
            "token_id",
            *["account", "add", "--role", "auditor", "--branch", "skopje", "--name", "Ana"],
        ),
    )
    yield "token revoke", lambda: cli("token", "revoke", kept["token"]).code
    yield "import", keep("list", "list_id", "import", folder / "list.csv", "--owner", "A camp")
    yield "lists show", lambda: cli("lists", "show", kept["list"]).code
    yield "lists take-back", lambda: cli("lists", "take-back", kept["list"]).code
    yield "keys list", run("keys", "list")
    yield "keys rotate", run("keys", "rotate")
    yield "backup", run("backup", folder / "backup")
    yield "audit export", run("audit", "export", folder / "log")
    yield "audit witnesses", keep("page", "witness_key", "audit", "witnesses")
    yield "audit alarms", run("audit", "alarms")
    yield from _witnessing(cli, folder)
    yield "db upgrade", lambda: _moved(cli, folder, "db", "upgrade")
    yield "restore", lambda: cli("restore", folder / "backup").code


def _witnessing(cli: Cli, folder: Path) -> Iterator[tuple[str, Callable[[], int]]]:
    home = folder / "south"
    south = Cli(
        {"RFL_DATA": str(home), "RFL_KEY_FILE": str(home / "key"), "RFL_SOCIETY": "south"},
        cli.monkeypatch,
        cli.capsys,
    )
    assert south("init").code == 0
    theirs = south("audit", "witnesses", "--json").document
    ours = cli("audit", "witnesses", "--json").document
    assert south("audit", "witness", "add", "north", ours["log_key"]).code == 0
    there, back, note = folder / "there", folder / "back", folder / "note"
    word = "audit witness"
    yield f"{word} add", lambda: cli("audit", "witness", "add", "south", theirs["witness_key"]).code
    yield f"{word} offer", lambda: cli("audit", "witness", "offer", "south", there).code
    assert south("audit", "witness", "cosign", there, back).code == 0
    yield f"{word} take", lambda: cli("audit", "witness", "take", "south", back).code
    assert cli("audit", "witnesses", "--json").document["witnesses"][0]["size"] == 1024
    cli("audit", "witness", "add", "south", theirs["log_key"])
    south("audit", "witness", "add", "north", ours["witness_key"])
    south("audit", "witness", "offer", "north", folder / "from-south")
    yield (
        f"{word} cosign",
        lambda: cli("audit", "witness", "cosign", folder / "from-south", folder / "answer").code,
    )
    note.write_bytes((folder / "from-south").read_bytes().partition(b"\n\n")[2])
    yield f"{word} show", lambda: cli("audit", "witness", "show", "south", note).code
    same = cli("audit", "witness", "compare", note, note, "--key", theirs["log_key"], "--json")
    assert same.document == {"agreement": "same"}
    assert cli("audit", "witness", "compare", note, note, "--key", ours["log_key"]).code == 1
    yield f"{word} anew", lambda: cli("audit", "witness", "anew", "south").code
    yield f"{word} remove", lambda: cli("audit", "witness", "remove", "south").code


def _moved(cli: Cli, folder: Path, *words: str) -> int:
    """Go on with an empty database, as before a restore."""
    cli.settings["RFL_DATABASE"] = f"sqlite:///{folder / 'second.db'}"
    return cli(*words).code


def entries(cli: Cli) -> int:
    """How many entries the log of the node has; an empty or missing database has none."""
    default = Path(cli.settings["RFL_DATA"]) / "rfl.db"
    file = cli.settings.get("RFL_DATABASE", f"sqlite:///{default}").removeprefix("sqlite:///")
    try:
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
            return int(database.execute("SELECT count(*) FROM ledger").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def test_every_command_that_opens_or_changes_something_leaves_an_entry(
    cli: Cli, tmp_path: Path, unwraps: list[str]
) -> None:
    driven = set()
    for words, step in steps(cli, tmp_path):
        before, keys = entries(cli), len(unwraps)
        after_move = words == "db upgrade"
        assert step() == 0, words
        assert entries(cli) > (0 if after_move else before), f"{words} left no entry"
        driven.add(words)
        assert len(unwraps) >= keys
    assert driven | OPENS_NOTHING.keys() == {words for words, _command in commands()}
    assert unwraps
    assert "keys-unaccounted" not in json.dumps(cli("audit", "alarms", "--json").document)


def test_a_command_that_fails_is_an_entry(node: Cli, tmp_path: Path) -> None:
    (tmp_path / "list.xml").write_bytes(b"<pfif>" + LIST)
    failing = [
        ("import", tmp_path / "list.xml"),
        ("restore", tmp_path / "nothing"),
        ("lists", "show", "lst_nothing"),
        ("audit", "witness", "take", "nobody", tmp_path / "list.xml"),
        ("audit", "witness", "cosign", tmp_path / "nothing", tmp_path / "answer"),
        ("backup", tmp_path / "list.xml"),
    ]
    for words in failing:
        before = entries(node)
        assert node(*words).code == 2, words
        assert entries(node) > before, words


def test_a_restore_that_failed_does_not_stand_in_the_way_of_the_next(
    node: Cli, tmp_path: Path
) -> None:
    assert node("backup", tmp_path / "backup").code == 0
    assert _moved(node, tmp_path, "db", "upgrade") == 0
    assert node("restore", tmp_path / "nothing").code == 2
    assert node("restore", tmp_path / "backup").code == 0
    assert node("audit", "export", tmp_path / "log").code == 0
    assert node("audit", "verify", tmp_path / "log").code == 0
    lines = (tmp_path / "log").read_bytes()
    found = [json.loads(line) for line in lines.splitlines() if line.startswith(b'{"v":1,"id"')]
    acted = [(one["action"], one["decision"]) for one in found]
    tail = [one for one in acted if one[0] in ("tables.upgrade", "restore")]
    assert tail == [("tables.upgrade", "allowed"), ("restore", "denied"), ("restore", "allowed")]
    assert acted.index(("backup", "allowed")) < acted.index(("restore", "denied"))
