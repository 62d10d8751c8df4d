"""Play all groups against a node, and say what it kept and what it broke."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rfl.conformance import (
    envelope_cases,
    fault_cases,
    hop_cases,
    order_cases,
    peer_cases,
    policy_cases,
    receipt_cases,
)
from rfl.conformance.case import GROUPS, Case, Failed, Skipped
from rfl.conformance.play import Play
from rfl.errors import RflError

CASES: Final[tuple[Case, ...]] = tuple(
    sorted(
        (
            *hop_cases.CASES,
            *envelope_cases.CASES,
            *order_cases.CASES,
            *receipt_cases.CASES,
            *peer_cases.CASES,
            *fault_cases.CASES,
            *policy_cases.CASES,
        ),
        key=lambda case: list(GROUPS).index(case.group),
    )
)


class Outcome(StrEnum):
    """What became of a case."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Result:
    """A case and what became of it; `why` of a case that did not pass."""

    case: Case
    outcome: Outcome
    why: str = ""


def perform(
    play: Play, groups: Iterable[str] = GROUPS, tell: Callable[[Result], None] = lambda one: None
) -> Iterator[Result]:
    """Play the cases of these groups, each told as it ends."""
    chosen = set(groups)
    for case in CASES:
        if case.group in chosen:
            result = _performed(play, case)
            tell(result)
            yield result


def passed(results: Sequence[Result]) -> bool:
    """Tell whether something was played and nothing has failed."""
    outcomes = {one.outcome for one in results}
    return Outcome.PASSED in outcomes and Outcome.FAILED not in outcomes


def table(results: Sequence[Result]) -> list[dict[str, object]]:
    """Return a row for each group of the protocol, with how many cases passed, failed, skipped."""
    return [
        {"group": group, "subject": subject}
        | {
            outcome.value: sum(
                one.case.group == group and one.outcome is outcome for one in results
            )
            for outcome in Outcome
        }
        for group, subject in GROUPS.items()
    ]


def _performed(play: Play, case: Case) -> Result:
    try:
        case.run(play)
    except Skipped as skipped:
        return Result(case, Outcome.SKIPPED, str(skipped))
    except Failed as failed:
        return Result(case, Outcome.FAILED, str(failed))
    except OSError as failed:
        return Result(case, Outcome.FAILED, f"the node did not answer: {type(failed).__name__}")
    except (RflError, ValueError, KeyError, AttributeError) as failed:
        why = f"the node's answer cannot be read: {type(failed).__name__}"
        return Result(case, Outcome.FAILED, why)
    return Result(case, Outcome.PASSED)
