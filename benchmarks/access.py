"""What it costs to know who calls, and to decide whether they may.

A decision is `access.require` alone, over every line of the table. Signing in is what each request
pays before its flow: the token, the account, the decision. It is measured in one thread, on
SQLite and on PostgreSQL, for tokens of the node and for access tokens of a provider.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

from benchmarks.node import SAMPLED, database
from benchmarks.report import Report, dumps, percentile
from rfl import wiring
from rfl.domain.access import ALLOWED, Actor, Object, Role, Verb, require
from rfl.domain.purpose import Purpose
from rfl.domain.request import Level
from rfl.flows import admit, grant
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.signin.access_token import Expected
from rfl.signin.issuer import Issuer
from tests.signin.provider import AUDIENCE, ISSUER, key_set, make_key, make_token

ALGORITHMS = ("ES256", "RS256")


def run(times: int) -> Report:
    """Measure with so many calls of each kind."""
    report = Report(f"access, {times:,} calls of each")
    _decisions(report, times)
    for kind in SAMPLED:
        with (
            tempfile.TemporaryDirectory(prefix="rfl-bench-") as name,
            database(kind) as url,
        ):
            keys = Path(name) / "keys" / "master.key"
            chosen = wiring.settings(data=Path(name), key_file=keys, database=url or None)
            rt = wiring.prepare(chosen)
            _requests(report, kind, rt, times)
            rt.database.dispose()
    return report


def _decisions(report: Report, times: int) -> None:
    lines = [
        (Actor("acc_me", role, "north"), verb, purpose)
        for role, verbs in ALLOWED.items()
        for verb, purposes in verbs.items()
        for purpose in purposes
    ]
    on = Object(branch="north", officer="acc_me", level=Level.NORMAL)
    asked = list(islice(cycle(lines), times))
    began = time.perf_counter()
    for actor, verb, purpose in asked:
        require(actor, verb, purpose, on)
    report.put("decision_us", (time.perf_counter() - began) / times * 1e6, most=20)


def _requests(report: Report, kind: str, rt: Runtime, times: int) -> None:
    made = admit.add_account(rt, OFFICE_CALL, Role.TRACING_OFFICER, "north", "Bench")
    signed_in: dict[str, str] = {"token": made.token}
    now = int(rt.clock().timestamp())
    for algorithm in ALGORITHMS:
        key = make_key(algorithm, algorithm)
        signed_in[algorithm] = make_token(key, iat=now, exp=now + 3_600)
    rt.issuer = Issuer(
        Expected(ISSUER, AUDIENCE, frozenset(ALGORITHMS)),
        lambda: key_set(*(make_key(one, one) for one in ALGORITHMS)),
    )
    grant.link_account(rt, OFFICE_CALL, made.account, "ana")
    for name, token in signed_in.items():
        took = _timed(lambda token=token: _admit(rt, token), times)
        report.put(f"{kind}_{name}_p50_ms", percentile(took, 0.5), most=0.3)
        report.put(f"{kind}_{name}_p95_ms", percentile(took, 0.95))


def _admit(rt: Runtime, token: str) -> None:
    require(admit.sign_in(rt, token), Verb.CASE_READ, Purpose.TRACING, Object(branch="north"))


def _timed(do: Callable[[], object], times: int) -> list[float]:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        do()
        took.append((time.perf_counter() - began) * 1000)
    return took


def main() -> None:
    """Measure, print a table, and write JSON where asked."""
    parser = argparse.ArgumentParser(prog="benchmarks.access", description=__doc__)
    parser.add_argument("--calls", type=int, default=2_000, help="how many of each kind")
    parser.add_argument("--json", type=Path, help="write all figures there")
    asked = parser.parse_args()
    report = run(asked.calls)
    print(report.table())
    if asked.json:
        asked.json.write_text(dumps([report]) + "\n", "utf-8")


if __name__ == "__main__":
    main()
