"""The soak (C7, C8): real nodes, real sockets, real kills; none lost, none twice, in order."""

import os
import random
from pathlib import Path

import pytest

from tests.soak.casework import ROOMY, CaseCourse
from tests.soak.course import soaked
from tests.soak.plan import Plan
from tests.soak.shim import ANSWER_BEFORE_COMMIT, FORGETS_RESULTS

CALM = dict.fromkeys(("kills", "spikes", "partitions", "clock_jumps", "full_disks"), 0)
HURRY = {"SOAK_FIRST_RETRY": "1"}
"""Seconds until the first repeat, in place of thirty: what follows is the same."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Short enough for sockets, and open to the account that PostgreSQL runs as."""
    return tmp_path


def make_plan(**changed: object) -> Plan:
    seed = int(os.environ.get("SOAK_SEED") or random.SystemRandom().randrange(1 << 32))
    usual = {"letters": 500, "answers": 50, "kills": 10, "pace": 0.01, "seed": seed}
    return Plan(**(usual | {"trouble_seconds": 1.0, "extra": HURRY} | changed))  # type: ignore[arg-type]


@pytest.mark.slow
def test_five_hundred_letters_survive_ten_kills_and_every_other_trouble(folder: Path) -> None:
    with soaked(make_plan(sampled=3), folder / "soak", "sqlite") as found:
        assert found.is_right, found.table()
        assert found.faults["kills"] == 10


@pytest.mark.soak
def test_a_node_that_answers_before_it_commits_is_found_out(folder: Path) -> None:
    fault = {"SOAK_FAULT": ANSWER_BEFORE_COMMIT}
    short = {"letters": 60, "answers": 10, "restores": 0, "sampled": 0, "patience": 20.0}
    plan = make_plan(extra=HURRY | fault, **short, **CALM)
    with soaked(plan, folder / "soak", "sqlite") as found:
        print(f"\n{found.table()}")  # noqa: T201 (how it fails)
        assert not found.is_right, found.table()
        assert sum(one.receipts_broken for one in found.directions.values()) > 0


@pytest.mark.soak
def test_a_node_that_forgets_what_it_was_told_of_a_case_is_found_out(folder: Path) -> None:
    fault = {"SOAK_FAULT": FORGETS_RESULTS, "SOAK_FATE": "WAITS"}
    short = {"letters": 8, "answers": 0, "restores": 0, "sampled": 0}
    plan = make_plan(extra=HURRY | ROOMY | fault, **short, **CALM)
    with soaked(plan, folder / "soak", "sqlite", CaseCourse) as found:
        print(f"\n{found.table()}")  # noqa: T201 (how it fails)
        assert "skopje: results lost" in found.case_disagreements


@pytest.mark.soak
@pytest.mark.parametrize("restores", [0, 1])
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_cases_worked_by_two_societies_agree_after_every_trouble(
    folder: Path, kind: str, restores: int
) -> None:
    size = int(os.environ.get("SOAK_CASES") or 120)
    plan = make_plan(
        letters=size,
        answers=size // 2,
        kills=max(size // 4, 4),
        restores=restores,
        patience=float(os.environ.get("SOAK_PATIENCE") or 500.0),
        trouble_seconds=3.0,
        extra=HURRY | ROOMY,
    )
    with soaked(plan, folder / "soak", kind, CaseCourse) as found:
        print(f"\n{found.table()}\n{found.as_json()}")  # noqa: T201 (the closing table)
        assert found.is_right, found.table()


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_ten_thousand_letters_survive_fifty_kills_and_every_other_trouble(
    folder: Path, kind: str
) -> None:
    plan = make_plan(letters=10_000, answers=1_000, kills=50, trouble_seconds=6.0)
    with soaked(plan, folder / "soak", kind) as found:
        print(f"\n{found.table()}\n{found.as_json()}")  # noqa: T201 (the closing table)
        assert found.is_right, found.table()
        assert found.faults["kills"] >= 50
