"""docs/officers.md: its files and commands, in order, against a node that serves."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.cli.support import Cli
from tests.exchange.by_hand import opened
from tests.exchange.pictures import PLACE, make_jpeg

PAGE = Path(__file__).parents[2] / "docs" / "officers.md"
_FILE = re.compile(r"^`([a-z]+\.json)`:\n```json\n(.*?)```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ rfl (.+)$", re.MULTILINE)
# Words of commands that print a table unless they are asked for JSON.
LISTED = {"queue", "list", "partners", "calls"}
ROLES = {"officer": "tracing_officer", "searcher": "tracing_officer", "supervisor": "supervisor"}


@pytest.fixture
def office(node: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A node that serves, its accounts' tokens in files, and the files of the page."""
    address = {"RFL_BASE_URL": "https://north.example", "RFL_CONTACT": "desk@north.example"}
    node.settings.update(address)
    assert node("peer", "init").code == 0
    for code in ("south", "west"):
        said = ("--name", code, "--language", "fr", "--until", "2099-12-31")
        assert node("correspondent", "assess", code, *said).code == 0
    ids = {}
    for name, role in ROLES.items():
        said = ("account", "add", "--role", role, "--branch", "north", "--name", name)
        made = node(*said, "--json").document
        (tmp_path / name).write_text(made["token"])
        ids[name.upper()] = made["account"]
    for name, content in _FILE.findall(PAGE.read_text("utf-8")):
        (tmp_path / name).write_text(content)
    (tmp_path / "her.jpg").write_bytes(make_jpeg())
    monkeypatch.chdir(tmp_path)
    process = node.start("serve", "--host", "127.0.0.1", "--port", "0")
    assert process.stdout is not None
    address = process.stdout.readline().split()[-1]
    while httpx2.get(f"{address}/health/ready").status_code != 200:
        time.sleep(0.05)
    node.settings["RFL_PORT"] = address.rpartition(":")[2]
    yield ids
    node.end(process)


def test_the_page_leads_one_family_from_enquiry_to_reply(node: Cli, office: dict[str, str]) -> None:
    ids, printed = dict(office), dict[str, Any]()
    for line in _COMMAND.findall(PAGE.read_text("utf-8")):
        words = [ids.get(word, word) for word in line.split()]
        more = ("--json",) if LISTED & {*words} else ()
        answer = node(*words, *more).document
        _learn(ids, line, answer)
        printed.setdefault(" ".join(line.split()[:3]), []).append(answer)
    [waiting] = printed["case queue searching"][0]["items"]
    assert (waiting["id"], waiting["waits"]) == (ids["CASE"], ["consultation"])
    [outcome] = printed["case read CASE"][0]["outcomes"]
    assert sorted(outcome["told"]["items"]) == ["alive_and_well", "message"]
    assert printed["case queue to_tell"][0]["items"][0]["id"] == ids["CASE"]
    planned, left = (one["items"] for one in printed["task list --mine"])
    assert (len(planned), left) == (3, [])
    assert printed["case partners --mine"][0]["items"][0]["peer"] == "south"
    [photo] = printed["case attachment list"][0]["items"]
    assert (photo["media_type"], photo["shows"]) == ("image/jpeg", ids["PERSON"])
    assert Path("again.jpg").read_bytes() != Path("her.jpg").read_bytes()
    assert PLACE not in Path("again.jpg").read_bytes()
    assert Path("again.jpg").stat().st_mode & 0o777 == 0o600
    [sealed] = printed["case dossier make"]
    assert opened(Path("west.html").read_bytes(), sealed["passphrase"])["page"]
    [letter] = printed["message read MESSAGE"]
    assert (letter["state"], letter["reply"][:9]) == ("reply_collected", "Thank God")
    told = {line["kind"] for line in printed["case timeline CASE"][-1]["items"]}
    assert {"search.line", "search.visit", "case.closed"} <= told
    [handed] = printed["case disclosure give"]
    facts = handed["facts"]
    assert (facts["names"][0]["text"], facts["phones"]) == ("Ali Hosseini", [])
    closed = node("case", "read", ids["CASE"], "--token-file", "officer").document
    assert (closed["state"], closed["ending"]) == ("closed", "answered")


def test_what_goes_wrong_is_one_line(node: Cli, office: dict[str, str]) -> None:
    Path("bad.json").write_text("{")
    for words, rule in (
        (("case", "read", "cas_x", "--token-file", "officer"), "must be an id"),
        (("case", "queue", "mine", "--token-file", "nobody"), "--token-file"),
        (("enquiry", "receive", "bad.json", "--token-file", "officer"), "FILE"),
        (("case", "queue", "theirs", "--token-file", "officer"), "name"),
        (("case", "attachment", "add", "cas_x", "bad.json", "--token-file", "officer"), "FILE"),
        (("case", "attachment", "add", "cas_x", "no.jpg", "--token-file", "officer"), "FILE"),
        (("case", "attachment", "fetch", "att_x", "bad.json", "--token-file", "officer"), "FILE"),
    ):
        answer = node(*words)
        assert (answer.code, answer.err.count("\n")) == (2, 1)
        assert rule in answer.err


MADE = {"task add": "TASK", "case send": "TRANSMISSION", "message collect": "MESSAGE"}
MADE["case disclosure ask"] = "DISCLOSURE"
MADE["case attachment add"] = "ATTACHMENT"


def _learn(ids: dict[str, str], line: str, answer: Any) -> None:
    """Keep the ids that later commands name."""
    if line.startswith("enquiry receive"):
        ids["ENQUIRY"] = answer["id"]
    for begins, name in MADE.items():
        if line.startswith(begins):
            ids[name] = answer["id"]
    if line.startswith("case open"):
        ids["CASE"] = answer["id"]
    if line.startswith("case request"):
        ids["PERSON"] = answer["sought"][0]["person"]["id"]
    if line.startswith("case search"):
        ids["ENQUIRER"] = answer["request"]["enquirer"]["id"]


def test_every_file_of_the_page_is_json_and_is_used() -> None:
    text = PAGE.read_text("utf-8")
    commands = " ".join(_COMMAND.findall(text))
    for name, content in _FILE.findall(text):
        assert isinstance(json.loads(content), dict)
        assert name in commands
