"""Results as a table for people and as JSON for programs."""

import json
import resource
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Report:
    """The figures of one benchmark: nested names to numbers, with goals where there are some."""

    name: str
    figures: dict[str, float] = field(default_factory=dict)
    goals: dict[str, tuple[str, float]] = field(default_factory=dict)

    def put(self, name: str, value: float, *, least: float = 0, most: float = 0) -> None:
        """Keep a figure, with the least or most that the goal allows."""
        self.figures[name] = round(value, 4)
        if least:
            self.goals[name] = ("at least", least)
        elif most:
            self.goals[name] = ("at most", most)

    def table(self) -> str:
        """Lines of name, figure and goal."""
        width = max((len(name) for name in self.figures), default=0)
        lines = [self.name, "-" * len(self.name)]
        for name, value in self.figures.items():
            rule, bound = self.goals.get(name, ("", 0.0))
            goal = f"{rule} {bound:g}" if rule else ""
            mark = "" if not rule else ("  met" if self._met(name) else "  NOT MET")
            lines.append(f"{name:<{width}}  {value:>14,.2f}  {goal:<16}{mark}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """Figures and goals as plain values."""
        goals = {
            name: {"rule": rule, "bound": bound, "met": self._met(name)}
            for name, (rule, bound) in self.goals.items()
        }
        return {"name": self.name, "figures": self.figures, "goals": goals}

    def _met(self, name: str) -> bool:
        rule, bound = self.goals[name]
        value = self.figures[name]
        return value >= bound if rule == "at least" else value <= bound


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies."""
    return statistics.quantiles(values, n=1000, method="inclusive")[round(share * 1000) - 1]


def peak_mb() -> float:
    """The largest resident memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def dumps(reports: Sequence[Report]) -> str:
    """One JSON document of several reports."""
    return json.dumps([report.as_json() for report in reports], indent=1)
