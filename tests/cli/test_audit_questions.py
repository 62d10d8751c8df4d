"""The auditor's commands, on a node that was made for them."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rfl import wiring
from rfl.domain.access import Role
from rfl.domain.purpose import Purpose
from rfl.flows.admit import add_account
from rfl.flows.enrol import add_registration
from rfl.flows.register import open_case
from rfl.flows.review import read_case
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.storage.cases import cases
from tests.cli.support import Cli
from tests.support import OFFICER, make_registration, make_request


@pytest.fixture
def rt(node: Cli) -> Any:
    """The runtime of the same node, for what no command does."""
    for name, value in node.settings.items():
        node.monkeypatch.setenv(name, value)
    opened = wiring.runtime(wiring.settings())
    yield opened
    opened.database.dispose()


def token_file(rt: Runtime, folder: Path, role: Role) -> Path:
    made = add_account(rt, OFFICE_CALL, role, "gevgelija", "A holder")
    path = folder / f"{role}.token"
    path.write_text(made.token + "\n")
    return path


def test_questions_are_asked_and_are_entries(node: Cli, rt: Runtime) -> None:
    mine = add_registration(rt, OFFICER, make_registration())
    found = node("audit", "ask", "--actor", OFFICER.actor.id, "--json").document
    assert [one["action"] for one in found["items"]] == ["registration.add"]
    assert found["more"] is False
    assert "salt" not in found["items"][0]
    about = node("audit", "ask", "--about", mine, "--limit", 1, "--json").document
    assert (about["items"][0]["action"], about["more"]) == ("log.read", True)
    assert "log.read" in node("audit", "ask", "--purpose", "audit").out
    today = datetime.now().astimezone().date()
    span = ["--since", today - timedelta(days=2), "--until", today + timedelta(days=1)]
    assert node("audit", "ask", *span, "--oldest-first", "--json").document["items"]
    assert node("audit", "ask", "--about", "per_x").code == 2


def test_a_trace_and_what_is_said_after_an_erasure(node: Cli, rt: Runtime) -> None:
    mine = add_registration(rt, OFFICER, make_registration())
    found = node("audit", "trace", mine, "--json").document
    assert [one["actor"] for one in found["opened"]] == [OFFICER.actor.id]
    assert OFFICER.actor.id[:8] in node("audit", "trace", mine).out
    nobody = node("audit", "trace", "reg_00000000000000000000000000")
    assert "No entry can be tied to this record" in nobody.out


def test_a_statement_needs_a_checked_identity(node: Cli, rt: Runtime) -> None:
    mine = add_registration(rt, OFFICER, make_registration())
    unchecked = node("audit", "statement", mine)
    assert unchecked.out.startswith("We answer questions about personal data only after")
    assert unchecked.out == node("audit", "statement", "reg_0").out
    checked = node("audit", "statement", mine, "--identity-checked")
    assert "Your data was entered" in checked.out
    told = node("audit", "statement", mine, "--identity-checked", "--json").document
    assert told["text"].startswith(checked.out)
    assert told["uses"][0]["by"] == "a tracing officer"


def test_a_token_says_who_asks(node: Cli, rt: Runtime, tmp_path: Path) -> None:
    case = open_case(rt, OFFICER, make_request(), None).id
    auditor = token_file(rt, tmp_path, Role.AUDITOR)
    refused = node("audit", "trace", case, "--token-file", auditor)
    assert (refused.code, refused.err) == (
        2,
        "rfl: forbidden: Your role does not allow this here.\n",
    )
    assert node("audit", "disclosures", "--json", "--token-file", auditor).document == {"items": []}
    assert node("audit", "disclosures", "--token-file", tmp_path / "none").code == 2


def test_unusual_reading_is_reviewed_listed_and_judged(
    node: Cli, rt: Runtime, tmp_path: Path
) -> None:
    made = add_account(rt, OFFICE_CALL, Role.TRACING_OFFICER, "ohrid", "A holder")
    for _ in range(2):
        case = open_case(rt, OFFICER, make_request(), None).id
        reader = Call(OFFICER.actor, Purpose.TRACING)
        read_case(rt, reader, case)
    with rt.database.write() as connection:
        connection.execute(cases.update().values(branch="skopje", officer=made.account))
        _yesterday(connection, OFFICER.actor.id, made.account)
    done = node("audit", "review", "--json").document
    assert (done["found"], done["new"]) == (1, 1)
    assert "new" in node("audit", "review").out
    [found] = node("audit", "findings", "--state", "open", "--json").document["items"]
    assert (found["code"], found["subject"]) == ("other_branch", made.account)
    reason = tmp_path / "reason.txt"
    reason.write_text("She moved branches that day.\n")
    words = ["--reason-file", reason, "--token-file", token_file(rt, tmp_path, Role.AUDITOR)]
    judged = node("audit", "judge", found["id"], "explained", *words, "--json").document
    assert judged == {"id": found["id"], "state": "explained", "version": 2}
    assert node("audit", "judge", found["id"], "explained", *words).code == 2
    assert "explained" in node("audit", "findings").out
    [after] = node("audit", "findings", "--json").document["items"]
    assert after["decisions"][0]["reason"] == "She moved branches that day."


def _yesterday(connection: Any, old: str, new: str) -> None:
    """Let the entries be a day old and another's: nobody can wait for a review in a test."""
    rows = connection.exec_driver_sql("SELECT seq, at, body FROM ledger").all()
    for seq, at, body in rows:
        said = json.loads(bytes(body))
        moment = datetime.fromisoformat(said["at"]) - timedelta(days=1)
        said["at"] = moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        if said["actor"] == old:
            said["actor"] = new
        content = json.dumps(said, separators=(",", ":")).encode()
        values = (at - 86_400_000_000, content, seq)
        connection.exec_driver_sql("UPDATE ledger SET at = ?, body = ? WHERE seq = ?", values)


def test_two_sides_of_an_exchange_are_compared_without_a_node(cli: Cli, tmp_path: Path) -> None:
    line = {"id": "e1", "digest": "ab" * 32, "receipt": "processed", "at": "2026-03-01T09:00:00Z"}
    ours, theirs = tmp_path / "ours.jsonl", tmp_path / "theirs.jsonl"
    ours.write_text(json.dumps(line | {"direction": "sent"}) + "\n")
    theirs.write_text(json.dumps(line | {"direction": "received"}) + "\n")
    assert "Both sides agree" in cli("audit", "compare", ours, theirs).out
    theirs.write_text("")
    answer = cli("audit", "compare", ours, theirs, "--json")
    assert answer.code == 1
    [found] = json.loads(answer.out)["differences"]
    assert (found["sender"], found["difference"]) == ("A", "receipt-unfounded")
    assert "receipt-unfounded" in cli("audit", "compare", ours, theirs).out
    theirs.write_text("no envelopes\n")
    assert cli("audit", "compare", ours, theirs).code == 2
    assert cli("audit", "compare", ours, tmp_path / "none").code == 2
