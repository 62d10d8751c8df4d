"""The demonstration as a newcomer runs it: whole, in time, and leaving nothing behind."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rfl.cli import demo
from rfl.cli.demo_people import EXPECTED, REGISTRATIONS, REQUESTS
from rfl.cli.demo_steps import DemoFailed, Facts
from tests.cli.support import Cli

SECONDS = 20.0
STEPS = [
    *("start", "register", "lists", "requests", "proposals"),
    *("decisions", "log", "erasure", "disk", "stop"),
]
NETWORK_SECONDS = 180.0
"""A loaded machine may take as long; two quiet cores take a sixth of it."""
NETWORK_STEPS = [
    *("start", "trust", "request", "acceptance", "match", "answer"),
    *("cut", "reply", "withdrawal", "proofs", "stop"),
]


@pytest.mark.slow
def test_the_demonstration_proves_the_main_job_in_time_and_leaves_nothing_behind(
    cli: Cli, tmp_path: Path
) -> None:
    own, scratch = tmp_path / "own.csv", tmp_path / "scratch"
    own.write_text("full name,date of birth\nZahra Hosseini,1994\n", encoding="utf-8")
    scratch.mkdir()
    cli.settings |= {"TMPDIR": str(scratch), "RFL_DATABASE": f"sqlite:///{tmp_path / 'mine.db'}"}
    done = cli.ended(cli.start("demo", "--json", "--list", own, cwd=tmp_path))
    report = done.document
    assert report["ok"] is True
    assert report["seconds"] < SECONDS
    assert [step["step"] for step in report["steps"]] == STEPS
    steps = {step["step"]: step for step in report["steps"]}
    assert steps["lists"]["own"]["added"] == 1
    assert set(steps["proposals"]["proposals"]) == set(REQUESTS)
    assert set(steps["erasure"]["answers"].values()) == {"erased"}
    assert "Zahra" not in done.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own.csv", "scratch"]
    assert list(scratch.iterdir()) == []


@pytest.mark.slow
def test_a_demonstration_that_is_ended_midway_leaves_nothing_behind(
    cli: Cli, tmp_path: Path
) -> None:
    cli.settings["TMPDIR"] = str(tmp_path)
    process = cli.start("demo", "--json")
    while not list(tmp_path.glob("*/log.jsonl")) and process.poll() is None:
        time.sleep(0.02)
    ended = cli.end(process, signal.SIGTERM)
    assert (ended.code, ended.out, ended.err) == (128 + signal.SIGTERM, "", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_three_societies_work_one_case_and_what_is_left_verifies_offline(
    cli: Cli, tmp_path: Path
) -> None:
    scratch, kept = tmp_path / "scratch", tmp_path / "proofs"
    scratch.mkdir()
    cli.settings["TMPDIR"] = str(scratch)
    process = cli.start("demo", "--network", "--json", "--keep", kept)
    out, err = process.communicate(timeout=NETWORK_SECONDS)
    report = json.loads(out)
    assert report["ok"], (report, err)
    assert [step["step"] for step in report["steps"]] == NETWORK_STEPS
    assert list(scratch.iterdir()) == []
    for log in kept.glob("*.rfllog"):
        assert cli("audit", "verify", log).code == 0
    receipts = sorted(kept.glob("*.receipt"))
    for one in receipts:
        giver = kept / f"{one.name.split('-')[1]}.descriptor"
        words = ("receipt", "verify", one, "--descriptor", giver, "--json")
        assert cli(*words).document["status"] == "processed"
    assert {one.name.split("-")[0] for one in receipts} == {"skopje", "belgrade", "cta"}


@pytest.mark.parametrize(
    "words", [("--network", "--list", __file__), ("--keep", "new"), ("--network", "--keep", ".")]
)
def test_options_of_the_one_demonstration_are_refused_with_the_other(
    cli: Cli, words: tuple[str, ...]
) -> None:
    assert cli("demo", *words).code == 2


def test_a_step_that_fails_is_named_and_ends_with_an_exit_code(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(
        _own: Path | None, _log: Path | None, _language: str, *, quiet: bool
    ) -> Iterator[Facts]:
        yield {"step": "start", "ok": quiet}
        raise DemoFailed("everyone is registered")

    monkeypatch.setattr(demo, "_told", told)
    failed = cli("demo", "--json")
    assert failed.code == 1
    report = json.loads(failed.out)
    assert (report["ok"], report["expected"]) == (False, "everyone is registered")
    assert "everyone is registered" in cli("demo").err


def test_the_people_are_a_dozen_in_four_scripts_with_both_searching_pairs() -> None:
    names = [name["text"] for one in REGISTRATIONS.values() for name in one["person"]["names"]]
    assert len(names) == 12
    assert any("\u0400" <= letter <= "\u04ff" for letter in "".join(names))
    assert any("\u06a9" <= letter <= "\u06cc" for letter in "".join(names))  # Dari's own letters
    assert any("\u0627" <= letter <= "\u064a" for letter in "".join(names))
    assert any(name.isascii() for name in names)
    assert EXPECTED.keys() == REQUESTS.keys()
