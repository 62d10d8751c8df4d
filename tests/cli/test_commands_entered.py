"""Every command of `rfl` that opens or changes something leaves an entry."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from rfl import wiring
from rfl.crypto.agent import LocalAgent
from rfl.crypto.sealing import DataKey
from rfl.domain.access import Actor, Role
from rfl.domain.purpose import Purpose
from rfl.domain.request import Level
from rfl.flows.admit import add_account
from rfl.flows.erase import erase_case
from rfl.flows.register import open_case
from rfl.flows.review import read_case
from rfl.flows.runtime import OFFICE_CALL, Call
from tests.api.files import make_csv
from tests.audit import collector
from tests.audit.collector import HOST, make_certificate
from tests.cli.support import Cli, commands
from tests.support import BRANCH, OFFICER, make_request

OPENS_NOTHING = {
    "demo": "plays on a node of its own, which it removes",
    "openapi": "describes the API",
    "version": "says a number",
    "db current": "says a number",
    "db grant": "opens nothing, and is for PostgreSQL: tests/storage/test_roles.py has its entry",
    "evaluate search": "reads files of the caller's own",
    "evaluate names": "reads files of the caller's own",
    "evaluate link": "reads files of the caller's own",
    "fit": "reads files of the caller's own, without a node",
    "breach-open": "reads a sealed file by its passphrase, without a node",
    "audit verify": "reads an exported file, without a node",
    "audit witness compare": "reads two checkpoints, without a node",
    "audit compare": "reads two lists of envelopes, without a node",
    "peer list": "shows what societies publish of themselves",
    "correspondent list": "shows what people decided about societies",
    "peer show": "shows what a society publishes of itself",
    "exchange status": "says numbers",
    "exchange account": "writes ids and digests, and the words of receipts",
    "exchange receipt": "writes a signature over ids and digests",
    "receipt verify": "reads two files, without a node",
    "peer refresh": "reads what societies publish of themselves; what is newer is an entry, walked",
    "conformance": "calls a node by its address, as another society does",
    "conformance-peer": "makes keys of made-up societies",
    "policy check": "reads a profile, without a node",
    "match status": "says numbers",
    **dict.fromkeys(
        [f"enquiry {name}" for name in ("receive", "list", "read", "turn")]
        + [f"enquiry {name}" for name in ("look", "join", "another")]
        + [f"case {name}" for name in ("open", "queue", "read", "step", "team", "search", "take")]
        + [f"case {name}" for name in ("request", "send", "sent", "partners", "answer", "move")]
        + [f"case {name}" for name in ("withdraw", "reassign", "remind")]
        + [f"received {name}" for name in ("list", "read", "accept", "return", "decline")]
        + ["received recalls"]
        + [f"case dossier {name}" for name in ("make", "remind", "taken-back")]
        + [f"case dossier {name}" for name in ("notice", "attested")]
        + [f"case disclosure {name}" for name in ("ask", "list", "read", "decide", "give")]
        + [f"case attachment {name}" for name in ("add", "list", "fetch", "remove")]
        + [f"case handover {name}" for name in ("offer", "list", "read")]
        + [f"case handover {name}" for name in ("accept", "decline", "withdraw")]
        + [f"case {name}" for name in ("merge", "unmerge", "timeline")]
        + [f"match {name}" for name in ("list", "read", "decide", "put-away")]
        + [f"message {name}" for name in ("collect", "list", "read", "step", "way", "carry")]
        + [f"message {name}" for name in ("call", "calls", "spoke", "dossier", "received", "owed")]
        + [f"task {name}" for name in ("list", "add", "read", "done")]
        + [f"break-glass {name}" for name in ("begin", "end", "list", "read", "review")],
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
    yield from _granting(cli, kept)
    yield "token revoke", lambda: cli("token", "revoke", kept["token"]).code
    yield "import", keep("list", "list_id", "import", folder / "list.csv", "--owner", "A camp")
    yield "lists show", lambda: cli("lists", "show", kept["list"]).code
    yield "lists take-back", lambda: cli("lists", "take-back", kept["list"]).code
    yield "keys list", run("keys", "list")
    yield "keys rotate", run("keys", "rotate")
    yield "keys rotate-log", run("keys", "rotate-log")
    yield "backup", run("backup", folder / "backup")
    (folder / "words").write_text("correct horse battery staple")
    yield "breach", lambda: cli(*_breach(folder)).code
    yield "audit export", run("audit", "export", folder / "log")
    yield "audit witnesses", keep("page", "witness_key", "audit", "witnesses")
    yield "audit alarms", run("audit", "alarms")
    yield "match again", run("match", "again")
    yield from _questions(cli, folder)
    yield from _leaving(cli, folder)
    yield from _witnessing(cli, folder)
    yield from _exchange(cli, folder)
    yield from _honey(cli)
    yield "lockdown", run("lockdown")
    yield "db upgrade", lambda: _moved(cli, folder, "db", "upgrade")
    yield "restore", lambda: cli("restore", folder / "backup").code


def _breach(folder: Path) -> list[object]:
    span = ["--from", "2020-01-01", "--to", "2099-01-01", "--key", "1"]
    return ["breach", folder / "list.rflx", *span, "--passphrase-file", folder / "words"]


def _granting(cli: Cli, kept: dict[str, str]) -> Iterator[tuple[str, Callable[[], int]]]:
    """Ways to sign in for the account just made, which then has none."""
    provider = {"RFL_OIDC_ISSUER": "https://id.example", "RFL_OIDC_AUDIENCE": "rfl"}
    provider |= {"RFL_OIDC_KEYS_URL": "https://id.example/keys"}
    cli.settings |= provider
    made = cli("account", "add", "--role", "auditor", "--branch", "b", "--name", "B", "--json")
    account = made.document["account"]
    yield "account link", lambda: cli("account", "link", account, "ana").code
    yield "token add", lambda: cli("token", "add", account, "--reads-only").code
    yield "account invite", lambda: cli("account", "invite", account).code
    yield "account remove", lambda: cli("account", "remove", account).code


def _exchange(cli: Cli, folder: Path) -> Iterator[tuple[str, Callable[[], int]]]:
    """Another society, which is added and not there to answer."""
    home = folder / "west"
    address = {"RFL_CONTACT": "tracing desk", "RFL_EXCHANGE_MODE": "exercise"}
    address |= {"RFL_BASE_URL": "http://127.0.0.1:9", "RFL_TICK_SECONDS": "0"}
    own = {"RFL_DATA": str(home), "RFL_KEY_FILE": str(home / "key"), "RFL_SOCIETY": "west"}
    west = Cli(cli.settings | own | address, cli.monkeypatch, cli.capsys)
    assert west("init").code == west("peer", "init").code == 0
    file = folder / "west.json"
    digits = west("peer", "show", "--save", file, "--json").document["fingerprint"]
    cli.settings |= address
    about = ("--name", "East", "--language", "ar", "--until", "2099-12-31")
    yield "correspondent assess", lambda: cli("correspondent", "assess", "east", *about).code
    yield "peer init", lambda: cli("peer", "init").code
    yield "peer add", lambda: cli("peer", "add", file).code
    yield "peer trust", lambda: cli("peer", "trust", "west", digits).code
    yield "peer assess", lambda: cli("peer", "assess", "west", "--until", "2099-12-31").code
    yield "peer new-keys", lambda: cli("peer", "new-keys").code
    yield "peer limit", lambda: cli("peer", "limit", "west", "--persons-a-day", "50").code
    yield "exchange ping", lambda: cli("exchange", "ping", "west", "--wait", "0").code - 1
    folder = folder / "post"
    folder.mkdir()
    file = str(folder / "west.rflb")
    yield "bundle export", lambda: cli("bundle", "export", "west", file).code
    yield "bundle import", lambda: cli("bundle", "import", file).code - 2
    yield "exchange reconcile", lambda: cli("exchange", "reconcile").code
    yield "exchange new-epoch", lambda: cli("exchange", "new-epoch", "west").code
    word = folder / "west.intro"
    yield "peer introduce", lambda: cli("peer", "introduce", "west", word, "--tell").code
    yield "peer introducer", lambda: cli("peer", "introducer", "west", "known").code
    yield "peer introduced", lambda: cli("peer", "introduced", word).code - 2
    yield "peer recall", lambda: cli("peer", "recall", "west").code
    yield "peer suspend", lambda: cli("peer", "suspend", "west").code
    yield "peer remove", lambda: cli("peer", "remove", "west").code


def _questions(cli: Cli, folder: Path) -> Iterator[tuple[str, Callable[[], int]]]:
    """What auditors and the data protection officer ask of the log, on the machine."""
    record = "reg_00000000000000000000000000"
    added = cli(
        "account", "add", "--role", "auditor", "--branch", "skopje", "--name", "B", "--json"
    )
    (folder / "token").write_text(added.document["token"])
    (folder / "reason").write_text("Holiday cover.")
    yield "audit ask", lambda: cli("audit", "ask", "--purpose", "audit").code
    yield "audit trace", lambda: cli("audit", "trace", record).code
    yield "audit statement", lambda: cli("audit", "statement", record, "--identity-checked").code
    yield "audit disclosures", lambda: cli("audit", "disclosures").code
    yield "audit review", lambda: _reviewed(cli)
    yield "audit findings", lambda: cli("audit", "findings").code
    words = ["--reason-file", folder / "reason", "--token-file", folder / "token"]
    yield "audit judge", lambda: cli("audit", "judge", _finding(cli), "explained", *words).code


def _honey(cli: Cli) -> Iterator[tuple[str, Callable[[], int]]]:
    """A case of invented people, opened like any other, planted, erased and taken off the list."""
    for name, value in cli.settings.items():
        cli.monkeypatch.setenv(name, value)
    rt = wiring.runtime(wiring.settings())
    case = open_case(rt, OFFICER, make_request(level=Level.NAMED_PERSONS_ONLY), None).id
    yield "honey plant", lambda: cli("honey", "plant", case).code
    yield "honey list", lambda: cli("honey", "list").code
    made = Call(Actor("acc_supervisor", Role.SUPERVISOR, BRANCH), Purpose.SUPERVISION)
    rt.rules = replace(rt.rules, four_eyes=frozenset())
    erase_case(rt, made, case, "entered_in_error")
    rt.database.dispose()
    yield "honey remove", lambda: cli("honey", "remove", case).code


def _reviewed(cli: Cli) -> int:
    """Review the day before, on which an officer read cases of another branch."""
    for name, value in cli.settings.items():
        cli.monkeypatch.setenv(name, value)
    rt = wiring.runtime(wiring.settings())
    made = add_account(rt, OFFICE_CALL, Role.TRACING_OFFICER, "ohrid", "A holder")
    yesterday = rt.clock() - timedelta(days=1)
    rt.clock = lambda: yesterday
    call = Call(Actor(made.account, Role.TRACING_OFFICER, BRANCH), Purpose.TRACING)
    for _ in range(3):
        read_case(rt, call, open_case(rt, OFFICER, make_request(), None).id)
    rt.database.dispose()
    return cli("audit", "review").code


def _finding(cli: Cli) -> str:
    return str(cli("audit", "findings", "--json").document["items"][0]["id"])


def _leaving(cli: Cli, folder: Path) -> Iterator[tuple[str, Callable[[], int]]]:
    """How the log leaves the house, and how its bodies end."""
    until = ("--recipient", "auditor-1", "--until", "2099-12-31")
    yield "audit send", lambda: cli("audit", "send", folder / "out", "--form", "csv", *until).code
    yield "audit recipients", lambda: cli("audit", "recipients").code
    yield "audit stream", lambda: _streamed(cli, folder / "collector")
    with sqlite3.connect(_database(cli)) as database:
        database.execute("UPDATE ledger SET at = 0 WHERE seq < 4")
    yield "audit expire", lambda: cli("audit", "expire").code


def _streamed(cli: Cli, folder: Path) -> int:
    with collector.running(*make_certificate(folder)) as receiver:
        cli.settings["RFL_SYSLOG"] = f"{HOST}:{receiver.port}"
        cli.settings["RFL_SYSLOG_CA_FILE"] = str(folder / "certificate.pem")
        return cli("audit", "stream").code


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
    assert cli("audit", "witnesses", "--json").document["witnesses"][0]["size"] == 2048
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


def _database(cli: Cli) -> str:
    default = Path(cli.settings["RFL_DATA"]) / "rfl.db"
    return cli.settings.get("RFL_DATABASE", f"sqlite:///{default}").removeprefix("sqlite:///")


def entries(cli: Cli) -> int:
    """The number of the last entry of the node; an empty or missing database has none."""
    try:
        with sqlite3.connect(f"file:{_database(cli)}?mode=ro", uri=True) as database:
            return int(database.execute("SELECT coalesce(max(seq), 0) FROM ledger").fetchone()[0])
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
