"""Draw the states of `docs/casework.md` anew from the tables of the domain.

Run `python -m docs.draw_states` in a checkout; a test compares the page with what this draws.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from rfl.domain.match import STEPS as MATCH_STEPS
from rfl.domain.match import MatchState
from rfl.domain.states import STEPS

PAGE = Path(__file__).with_name("casework.md")
_TITLES = {
    "PreCase": "Pre-case",
    "CaseState": "Case, towards the enquirer",
    "TransmissionState": "Transmission",
    "HandoverState": "Handover of a case",
    "Inside": "Sought person, inside",
    "Outside": "Sought person, outside",
    "MessageState": "Red Cross Message",
    "MatchState": "Match",
}
_PART = re.compile(r"(<!-- states: drawn, do not edit -->\n).*(<!-- end of states -->)", re.DOTALL)


def drawn(page: str) -> str:
    """Return the page with its drawings as the tables have them now."""
    kinds = {**STEPS, MatchState: MATCH_STEPS}
    parts = "\n".join(_drawing(kind, steps) for kind, steps in kinds.items())
    return _PART.sub(lambda found: f"{found[1]}\n{parts}\n{found[2]}", page)


def _drawing(kind: type[StrEnum], steps: Mapping[StrEnum, object]) -> str:
    lines = "\n".join(f"    {line}" for line in _lines(kind, steps))
    return f"### {_TITLES[kind.__name__]}\n\n```mermaid\nstateDiagram-v2\n{lines}\n```\n"


def _lines(kind: type[StrEnum], steps: Mapping[StrEnum, object]) -> Iterator[str]:
    yield f"[*] --> {next(iter(kind)).value}"
    for before in kind:
        following = [after for after in kind if after in steps[before]]  # type: ignore[operator]
        for after in following:
            yield f"{before.value} --> {after.value}"
        if not following:
            yield f"{before.value} --> [*]"


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text("utf-8")), "utf-8")
