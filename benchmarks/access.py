"""What it costs to know who calls, and to decide whether they may.

A decision is `access.require` alone, over every line of the table. Signing in is what each request
pays before its flow: the token, the account, the decision. It is measured in one thread, on
SQLite and on PostgreSQL, for tokens of the node (an API token, and that of a built-in sign-in,
which is the same kind with an end within the day) and for access tokens of a provider. What the
budget costs is the reading of a case with the counting and without it, turn by turn.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from unittest.mock import patch

from pyotp import TOTP

from benchmarks.node import SAMPLED, database
from benchmarks.report import Report, dumps, percentile
from rfl import wiring
from rfl.domain.access import ALLOWED, Actor, Object, Role, Verb, require
from rfl.domain.budget import DEFAULTS, Limit
from rfl.domain.call_rate import CallRate
from rfl.domain.ids import new_id
from rfl.domain.purpose import Purpose
from rfl.domain.request import Level
from rfl.flows import admit, grant
from rfl.flows.begin_session import Proof, begin_session
from rfl.flows.invite import accept_invitation, invite
from rfl.flows.register import open_case
from rfl.flows.review import read_case
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.signin.access_token import Expected
from rfl.signin.issuer import Issuer
from rfl.storage import budgets
from tests.signin.provider import AUDIENCE, ISSUER, key_set, make_key, make_token
from tests.support import make_request

ALGORITHMS = ("ES256", "RS256")
CASES = 200


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
            _budgets(report, kind, rt)
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
    rt.office_calls = CallRate(10**9)
    made = admit.add_account(rt, OFFICE_CALL, Role.TRACING_OFFICER, "north", "Bench")
    signed_in: dict[str, str] = {"api_token": made.token, "sign_in": _sign_in(rt)}
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
        report.put(f"{kind}_{name}_cpu_ms", _cpu_ms(lambda token=token: _admit(rt, token), times))


def _sign_in(rt: Runtime) -> str:
    """Return the token of a sign-in with name, password and one-time code."""
    account = admit.add_account(rt, OFFICE_CALL, Role.TRACING_OFFICER, "north", "Bench").account
    invited = invite(rt, OFFICE_CALL, account)
    chosen = "a long walk to the bridge"
    enrolled = accept_invitation(rt, invited.invitation, "bench", chosen)
    code = TOTP(enrolled.secret).at(rt.clock())
    return begin_session(rt, Proof("bench", chosen, code)).token


def _budgets(report: Report, kind: str, rt: Runtime) -> None:
    """Read each of CASES for the first time, and again; each with the counting and without it."""
    roomy = {what: Limit(10**9, 10**9) for what in DEFAULTS[Role.TRACING_OFFICER]}
    rt.rules = replace(rt.rules, budgets={**DEFAULTS, Role.TRACING_OFFICER: roomy})
    made = [_call("north") for _ in range(2)]
    cases = [open_case(rt, made[0], make_request(), None).id for _ in range(CASES)]
    took: dict[str, list[float]] = {"first": [], "again": [], "uncounted": []}
    for name in ("first", "again"):
        for case in cases:
            took[name] += _timed(lambda case=case: read_case(rt, made[0], case), 1)
            with patch.object(budgets, "spend", _uncounted):
                took["uncounted"] += _timed(lambda case=case: read_case(rt, made[1], case), 1)
    for name, times in took.items():
        report.put(f"{kind}_read_{name}_p50_ms", percentile(times, 0.5))
        report.put(f"{kind}_read_{name}_p95_ms", percentile(times, 0.95))
    usual = percentile(took["uncounted"], 0.5)
    report.put(f"{kind}_counting_first_p50_ms", percentile(took["first"], 0.5) - usual)
    report.put(f"{kind}_counting_again_p50_ms", percentile(took["again"], 0.5) - usual)


def _call(branch: str) -> Call:
    return Call(Actor(new_id("acc"), Role.TRACING_OFFICER, branch), Purpose.TRACING)


def _uncounted(*_given: object) -> None:
    """What takes the place of counting."""


def _admit(rt: Runtime, token: str) -> None:
    require(admit.sign_in(rt, token), Verb.CASE_READ, Purpose.TRACING, Object(branch="north"))


def _timed(do: Callable[[], object], times: int) -> list[float]:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        do()
        took.append((time.perf_counter() - began) * 1000)
    return took


def _cpu_ms(do: Callable[[], object], times: int) -> float:
    """What a call takes of this thread's own time: the same whatever else the machine does."""
    began = time.thread_time()
    for _ in range(times):
        do()
    return (time.thread_time() - began) / times * 1000


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
