"""Every benchmark still runs: once each, as small as can be, so that what it says means nothing.

On SQLite alone. Searches run without the peers whose packages only benchmarks have. Those two that
serve whole nodes and wait for others at work, `exchange` and `surge`, are part of the long runs:
the first takes twenty processes and seven starts of a node however few letters are sent.
"""

from types import ModuleType

import pytest

from benchmarks import access, audit, breach, casework, exchange, lists, match, node, peers, surge
from benchmarks.run import BENCHMARKS

SQLITE = ("sqlite",)
INSTALLED = {name: peers.PEERS[name] for name in ("fts5", "rapidfuzz")}

# The least size of each, and what is the same for all sizes made as little.
TINY: dict[str, tuple[tuple[float, ...], ModuleType, dict[str, object]]] = {
    "access": ((2,), access, {"SAMPLED": SQLITE, "CASES": 2}),
    "lists": ((20,), lists, {"FORMATS": {"csv": lists.FORMATS["csv"]}}),
    "node": ((150, 0.2), node, {"SAMPLED": SQLITE, "REQUESTS": 2}),
    "audit": ((200,), audit, {"MOST": {"sqlite": 200}, "SECONDS": 0.1}),
    "match": ((100, 200), match, {"PEERS": INSTALLED, "QUERIES": 5, "WARMING": 5}),
    "breach": ((10,), breach, {"SAMPLED": SQLITE, "READ": 2}),
    "casework": (
        (20,),
        casework,
        {"SAMPLED": SQLITE, "OFFICERS": 2, "OPENED": 2, "READINGS": 2},
    ),
    "exchange": ((8,), exchange, {"KINDS": SQLITE, "PINGS": 2, "SECONDS": 0.1}),
    "surge": ((3,), surge, {"SAMPLED": SQLITE, "REGISTERED": 120, "CASES_EACH": 2}),
}

# Figures that come only after all else went well; of searches, all that are asked for.
LAST = {
    "access": {"sqlite_counting_again_p50_ms"},
    "lists": {"ratio_to_null_seal"},
    "node": {"sqlite_proposal_p95_ms"},
    "audit": {"verify_per_second"},
    "match": {
        *(f"{by}_{one}" for by in ("ours", *INSTALLED) for one in ("p50_ms", "found_at_200")),
        *("bytes_per_person", "start_people_per_second", "us_per_pair"),
        *("rematch_pairs_per_second", "ours_p95_ms_slope"),
    },
    "breach": {"sqlite_open_seconds"},
    "casework": {"sqlite_searching_p95_ms"},
    "exchange": {"sqlite_ratio_to_storage"},
    "surge": {"sqlite_p99_ms"},
}
LONG = {"exchange", "surge"}


# The store of searches is filled by processes that are forked off, before any thread is begun.
@pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")
@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=pytest.mark.soak) if one in LONG else one for one in BENCHMARKS],
)
def test_a_benchmark_yields_its_figures(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    size, module, less = TINY[name]
    for constant, value in less.items():
        monkeypatch.setattr(module, constant, value)
    measure, _small, _full = BENCHMARKS[name]
    reports = list(measure(*size))
    figures = {one: value for report in reports for one, value in report.figures.items()}
    assert figures.keys() >= LAST[name]
    assert figures.get("sqlite_errors", 0) == 0
    assert all(report.name in report.table() for report in reports)
