"""docs/partners.md: its commands, in order, between two nodes that serve."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.cli.support import Cli
from tests.cli.test_exchange import Node, make_node

PAGE = Path(__file__).parents[2] / "docs" / "partners.md"
_COMMAND = re.compile(r"^(north|south)\$ rfl (.+)$", re.MULTILINE)


@pytest.mark.slow
def test_two_societies_join_and_a_node_is_held_against_the_protocol(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = {code: make_node(code, tmp_path, cli) for code in ("north", "south")}
    for node in nodes.values():
        node.start()
    monkeypatch.chdir(tmp_path)
    known = {f"https://rfl.{code}.example": address(node) for code, node in nodes.items()}
    said: dict[str, Any] = {}
    for code, line in _COMMAND.findall(PAGE.read_text("utf-8")):
        words = [known.get(word, word) for word in shlex.split(line)]
        answer = nodes[code].say(*words, "--json").document
        said[f"{code} {' '.join(words[:2])}"] = answer
        learn(known, code, words, answer)
    assert said["north exchange ping"]["answered"]
    assert said["south exchange ping"]["answered"]
    verified = said["north receipt verify"]
    assert (verified["verified"], verified["to"]) == (True, "south")
    assert said["south peer assess"]["at_risk"] is True
    [conformance] = [one for name, one in said.items() if name.startswith("north conformance http")]
    assert conformance["passed"]


def address(node: Node) -> str:
    return f"http://127.0.0.1:{node.port}"


def learn(known: dict[str, str], code: str, words: list[str], answer: Any) -> None:
    """Keep what people read to each other, and the ids that later commands name."""
    if words[:2] == ["peer", "init"]:
        known[f"{code.upper()}-DIGITS"] = answer["fingerprint"]
    if words[:2] == ["exchange", "ping"] and code == "north":
        known["ENVELOPE"] = answer["envelope"]
    if words[0] == "conformance-peer":
        first, second = answer["societies"]
        known["CONFORMANCE-DIGITS"] = first["fingerprint"]
        known["SUSPENDED-DIGITS"] = second["fingerprint"]
