"""The walk of test_completeness through what authorities are told: flows and routes."""

from collections.abc import Callable, Iterator
from typing import Any

from rfl.domain.access import Role
from rfl.domain.consent import Exclusion
from rfl.flows import consult, disclose, hold_back
from rfl.flows.runtime import Runtime
from tests.api.support import CASEWORK, Desk, done, make_request
from tests.casework import DAY
from tests.flows.test_authorities import YES, asked_of, opened
from tests.office import make_account, open_desk

Steps = Iterator[tuple[str, Callable[[], object]]]
Calls = Iterator[tuple[str, str, Callable[[], Any]]]
START = (-1, "")


def steps_of_authorities(rt: Runtime) -> Steps:
    """One disclosure by permission, and what a found person says and is marked with."""
    officer, second = make_account(rt), make_account(rt)
    case, enquirer = opened(rt, officer)
    made: list[str] = []

    def ask() -> None:
        made.append(disclose.ask_disclosure(rt, officer, asked_of(case, enquirer), "He asked."))

    yield "disclose.ask_disclosure", ask
    yield "disclose.list_disclosures", lambda: disclose.list_disclosures(rt, second, START, 9)
    yield "disclose.read_disclosure", lambda: disclose.read_disclosure(rt, second, made[0])
    yield (
        "disclose.decide_disclosure",
        lambda: disclose.decide_disclosure(rt, second, made[0], 1, YES),
    )
    yield "disclose.give_disclosure", lambda: disclose.give_disclosure(rt, officer, made[0], 2)
    desk = open_desk(rt).judged().accepted().located()
    words = ((), (Exclusion(DAY),))

    def at() -> tuple[str, int, str]:
        return desk.case, desk.journal.version, desk.person

    yield (
        "consult.record_stance",
        lambda: consult.record_stance(rt, desk.searcher, *at(), words),
    )
    yield (
        "hold_back.mark_detrimental",
        lambda: hold_back.mark_detrimental(rt, desk.searcher, *at(), "Held in secret"),
    )
    yield "hold_back.lift_mark", lambda: hold_back.lift_mark(rt, desk.second, *at())


def calls_of_authorities(desk: Desk) -> Calls:
    """Every route of disclosures, by permission of an enquirer."""
    asks, decides = (desk.caller(Role.TRACING_OFFICER, CASEWORK) for _ in range(2))
    agreed = {
        "uses": ["authority"],
        "recipients": ["migration-office"],
        "items": ["name"],
        "form": "signed",
        "given_on": "2026-03-01",
    }
    case = done(asks.post("/v1/cases", make_request(consents=[agreed])), 201)["id"]
    enquirer = done(asks.get(f"/v1/cases/{case}"))["request"]["enquirer"]["id"]
    asked = {"record": case, "about": "enquirer", "person": enquirer, "items": ["name"]}
    asked |= {"authority": "migration-office", "reason": "He asked us."}
    kept: dict[str, str] = {}

    def ask() -> Any:
        answer = asks.post("/v1/disclosures", asked)
        kept["made"] = answer.json()["id"]
        return answer

    path = "/v1/disclosures/{disclosure_id}"
    yield "POST", "/v1/disclosures", ask
    yield "GET", "/v1/disclosures", lambda: decides.get("/v1/disclosures")
    yield "GET", path, lambda: decides.get(f"/v1/disclosures/{kept['made']}")
    yield (
        "POST",
        f"{path}/decision",
        lambda: decides.post(
            f"/v1/disclosures/{kept['made']}/decision",
            {"agrees": True, "reason": "Signed."},
            headers={"If-Match": '"1"'},
        ),
    )
    yield (
        "POST",
        f"{path}/giving",
        lambda: asks.post(f"/v1/disclosures/{kept['made']}/giving", headers={"If-Match": '"2"'}),
    )
