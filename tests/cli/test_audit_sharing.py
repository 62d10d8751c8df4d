"""`rfl audit send`, `recipients`, `stream`, `expire`, and parts, as an operator uses them."""

import json
from pathlib import Path

from tests.cli.support import Cli


def test_an_export_for_a_recipient_is_written_and_listed(node: Cli, tmp_path: Path) -> None:
    words = ("--recipient", "auditor-1", "--until", "2099-12-31", "--json")
    first = node("audit", "send", tmp_path / "one.ndjson", "--form", "fhir", *words).document
    lines = (tmp_path / "one.ndjson").read_bytes().splitlines()
    assert first == {"from": 0, "next": len(lines), "repeated": 0}
    assert json.loads(lines[0])["resourceType"] == "AuditEvent"
    begin = str(first["next"])
    second = node(
        "audit", "send", tmp_path / "two.csv", "--form", "csv", "--from", begin, *words
    ).document
    assert second["from"] == first["next"]
    items = node("audit", "recipients", "--json").document["items"]
    assert [(one["form"], one["until"]) for one in items] == [
        ("csv", "2099-12-31"),
        ("fhir", "2099-12-31"),
    ]
    assert "auditor-1" in node("audit", "recipients").out


def test_a_refused_export_leaves_no_file(node: Cli, tmp_path: Path) -> None:
    words = ("--form", "csv", "--recipient", "Elena Petrova", "--until", "2099-12-31")
    refused = node("audit", "send", tmp_path / "no.csv", *words)
    assert (refused.code, "Elena" in refused.err) == (2, False)
    assert not (tmp_path / "no.csv").exists()


def test_a_part_is_written_and_verified(node: Cli, tmp_path: Path) -> None:
    part = tmp_path / "part.rfllog"
    assert node("audit", "export", part, "--from", 0, "--to", 1, "--json").document["leaves"] == 1
    told = node("audit", "verify", part, "--json").document
    assert (told["whole"], told["shown"]) == (True, [0])
    assert "entries shown" in node("audit", "verify", part).out
    assert node("audit", "export", tmp_path / "none", "--from", 7, "--to", 3).code == 2


def test_nothing_expires_in_a_young_node_and_no_collector_is_named(node: Cli) -> None:
    assert node("audit", "expire", "--json").document == {"below": None, "leaves": 0}
    refused = node("audit", "stream")
    assert refused.code == 2
    assert "RFL_SYSLOG" in refused.err


def test_an_authority_without_its_certificates_is_refused(node: Cli) -> None:
    node.settings["RFL_TIMESTAMP_URL"] = "https://stamps.example/tsa"
    refused = node("audit", "expire")
    assert refused.code == 2
    assert "RFL_TIMESTAMP_CA_FILE" in refused.err
