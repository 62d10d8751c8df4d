"""The plan of a soak: how much, how fast, and how often what goes wrong."""

from dataclasses import dataclass, field

from tests.soak.line import Odds


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is written, at which pace, and how often what goes wrong."""

    letters: int
    answers: int
    kills: int
    pace: float
    seed: int
    spikes: int = 3
    partitions: int = 1
    clock_jumps: int = 1
    full_disks: int = 1
    restarts: int = 1
    restores: int = 1
    trouble_seconds: float = 5.0
    mortality: float = 0.0
    """Of so many commits of a step between societies a process is killed before or after one."""

    sampled: int = 10
    """Receipts that `rfl receipt verify` judges; 0: no command judges anything."""

    patience: float = 240.0
    """Seconds for each next step. When they are over, it is judged as it stands."""

    odds: Odds = field(default_factory=Odds)
    extra: dict[str, str] = field(default_factory=dict)
    south: dict[str, str] = field(default_factory=dict)
    """Settings of the southern node alone."""
