"""Real kills around commits: in every step of a handover, and while blobs and mail are fetched."""

from pathlib import Path
from typing import ClassVar

import pytest

from tests.soak.casework import ROOMY, CaseCourse
from tests.soak.course import Course, soaked
from tests.soak.plan import Plan
from tests.soak.test_soak import CALM, HURRY, make_plan

QUIET = {**CALM, "restarts": 0, "restores": 0}


class BlobCourse(Course):
    """Every letter has an attachment of three parts, which its recipient opens whole."""

    text: ClassVar[str] = "600000"


def deadly(odds: float, **changed: object) -> Plan:
    """A plan in which processes die around one of so many commits, and of nothing else."""
    extra = {**HURRY, **ROOMY, **changed.pop("extra", {})}
    usual = {"sampled": 0, "pace": 0.0, "mortality": odds}
    return make_plan(extra=extra, **usual, **QUIET, **changed)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_case_has_one_owner_though_every_step_of_its_handover_is_killed(
    tmp_path: Path, kind: str
) -> None:
    plan = deadly(0.1, letters=8, answers=8, extra={"SOAK_FATE": "HANDS_OVER"})
    with soaked(plan, tmp_path / "soak", kind, CaseCourse) as found:
        print(f"\n{found.table()}")  # noqa: T201 (the closing table)
        assert not found.case_disagreements, found.table()
        assert not found.stopped_at, found.table()
        assert found.cases["looks at owners"] > 5
        assert found.faults["died"] >= 10


@pytest.mark.soak
def test_blobs_and_mail_arrive_whole_and_once_though_processes_die_at_every_part(
    tmp_path: Path,
) -> None:
    """Belgrade cannot be called: it fetches its letters and blobs, and brings its own."""
    south = {"RFL_EXCHANGE_REACH": "mailbox"}
    plan = deadly(0.02, letters=4, answers=4, patience=600.0, south=south)
    with soaked(plan, tmp_path / "soak", "sqlite", BlobCourse) as found:
        print(f"\n{found.table()}")  # noqa: T201 (the closing table)
        assert all(one.is_right for one in found.directions.values()), found.table()
        assert not found.stopped_at, found.table()
        assert found.faults["died"] >= 4
