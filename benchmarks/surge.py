"""A thousand enquiries in ten minutes at one branch, while five officers work: real HTTP.

Enquiries arrive by the clock, whether the node keeps up or not, and each is timed from the moment
at which it was due. Every one goes on to a case: received, triaged, interviewed, eligible, opened.
Meanwhile five officers read their queues and tasks, open cases and searches, search for a person
and record what they did, with half a second between two steps. The short form keeps the rate and
the mix, and lasts a minute.
"""

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle

from benchmarks import people
from benchmarks.node import SAMPLED, Caller, register_people, serving
from benchmarks.report import Report, percentile
from rfl.domain.access import Actor, Role
from rfl.domain.purpose import Purpose
from rfl.flows import admit
from rfl.flows.accept import accept_case
from rfl.flows.join_search import join_search
from rfl.flows.judge import judge_credible, screen_enquirer
from rfl.flows.register import open_case
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from tests.casework import make_credibility
from tests.office import NO_DANGER, make_complete
from tests.support import make_person, make_request

PER_SECOND = 1_000 / 600
OFFICERS = 5
CASES_EACH = 20
REGISTERED = 2_000
DESKS = 4
THINKS_SECONDS = 0.5
GOAL_MS = 300
_ENQUIRY = {
    "channel": "visit",
    "caller": "Ali Hosseini",
    "said": "He lost his mother at the border.",
    "is_relative": True,
    "country": "AF",
    "language": "fa",
}
_TURNS = ("triage", "interviewed", "eligible")


@dataclass(frozen=True, slots=True)
class _Office:
    """Tokens of who takes in and who works; the cases of each, and those that each searches."""

    intake: list[str]
    officers: list[str]
    cases: list[list[str]]


@dataclass(slots=True)
class _Seen:
    """How long each step took, in milliseconds, and what went wrong."""

    took: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def timed(self, name: str, do: Callable[[], bytes], since: float | None = None) -> bytes:
        """Do a step and keep how long it took since it was due."""
        began = time.perf_counter() if since is None else since
        answer = do()
        with self.lock:
            self.took.setdefault(name, []).append((time.perf_counter() - began) * 1_000)
        return answer

    def failed(self, error: Exception) -> None:
        """Keep that something went wrong."""
        with self.lock:
            self.errors.append(f"{type(error).__name__}: {error}")


def run(seconds: float) -> Report:
    """Measure for so many seconds on SQLite and on PostgreSQL."""
    report = Report(f"surge of {round(seconds * PER_SECOND):,} enquiries in {seconds:,.0f} s")
    for kind in SAMPLED:
        rows = list(people.people(REGISTERED))
        with serving(kind, lambda rt, rows=rows: _open_office(rt, rows)) as (port, _pid, office):
            seen = _work(port, office, rows, seconds)
        _put(report, kind, seen)
    return report


def _put(report: Report, kind: str, seen: _Seen) -> None:
    report.put(f"{kind}_errors", len(seen.errors))
    for error in seen.errors[:5]:
        print(kind, error)
    arrived = seen.took.get("enquiry", [])
    report.put(f"{kind}_enquiries", len(arrived))
    report.put(f"{kind}_enquiry_p95_ms", percentile(arrived, 0.95), most=GOAL_MS)
    everything = [one for steps in seen.took.values() for one in steps]
    report.put(f"{kind}_requests", len(everything))
    report.put(f"{kind}_p95_ms", percentile(everything, 0.95), most=GOAL_MS)
    report.put(f"{kind}_p99_ms", percentile(everything, 0.99))
    for name, steps in sorted(seen.took.items()):
        if len(steps) > 1 and name != "enquiry":
            report.put(f"{kind}_{name}_p95_ms", percentile(steps, 0.95), most=GOAL_MS)


def _open_office(rt: Runtime, rows: list[people.Invented]) -> _Office:
    """Make accounts and their cases: each officer searches the cases of the one before."""
    register_people(rt, rows)
    intake = [_account(rt, Role.TRACING_OFFICER)[1] for _ in range(DESKS)]
    officers = [_account(rt, Role.TRACING_OFFICER) for _ in range(OFFICERS)]
    supervisor, _token = _account(rt, Role.SUPERVISOR)
    cases: list[list[str]] = []
    for number, (officer, _token) in enumerate(officers):
        searcher = officers[(number + 1) % OFFICERS][0].actor.id
        begin = number * CASES_EACH
        opened = [_accepted(rt, officer, one) for one in rows[begin : begin + CASES_EACH]]
        for case_id in opened:
            join_search(rt, supervisor, case_id, searcher)
        cases.append(opened)
    return _Office(intake, [token for _call, token in officers], cases)


def _accepted(rt: Runtime, officer: Call, sought: people.Invented) -> str:
    asks = make_person(f"Ali {sought.full_name.rpartition(' ')[2]}")
    request = make_request(asks, make_person(sought.full_name, birth=sought.birth))
    case_id = open_case(rt, officer, make_complete(request), None).id
    credible = make_credibility(judged_by=officer.actor.id, on=rt.today())
    judge_credible(rt, officer, case_id, 1, credible)
    screen_enquirer(rt, officer, case_id, 2, NO_DANGER)
    accept_case(rt, officer, case_id, 3, "AF")
    return case_id


def _account(rt: Runtime, role: Role) -> tuple[Call, str]:
    made = admit.add_account(rt, OFFICE_CALL, role, "north", "Bench")
    actor = Actor(made.account, role, "north", session=made.token_id)
    return Call(actor, Purpose.TRACING), made.token


def _work(port: int, office: _Office, rows: list[people.Invented], seconds: float) -> _Seen:
    seen, over = _Seen(), threading.Event()
    due: queue.SimpleQueue[_Arrival | None] = queue.SimpleQueue()
    desks = [
        threading.Thread(target=_take_in, args=(Caller(port, token), seen, due))
        for token in office.intake
    ]
    officers = [
        threading.Thread(target=_officer, args=(Caller(port, token), seen, over, steps))
        for number, token in enumerate(office.officers)
        for steps in [_steps(office.cases[number], office.cases[number - 1], rows[number])]
    ]
    for thread in (*desks, *officers):
        thread.start()
    _arrive(due, seconds, rows[OFFICERS * CASES_EACH :])
    for _desk in desks:
        due.put(None)
    for thread in desks:
        thread.join()
    over.set()
    for thread in officers:
        thread.join()
    return seen


_Arrival = tuple[float, people.Invented]


def _arrive(
    due: "queue.SimpleQueue[_Arrival | None]", seconds: float, rows: list[people.Invented]
) -> None:
    """Put each enquiry in at its moment, whatever became of those before."""
    began = time.perf_counter()
    for number in range(round(seconds * PER_SECOND)):
        moment = began + number / PER_SECOND
        time.sleep(max(moment - time.perf_counter(), 0))
        due.put((moment, rows[number % len(rows)]))


def _take_in(caller: Caller, seen: _Seen, due: "queue.SimpleQueue[_Arrival | None]") -> None:
    with caller:
        while (arrival := due.get()) is not None:
            try:
                _enquiry(caller, seen, *arrival)
            except Exception as error:  # noqa: BLE001 (counted, whatever it is)
                seen.failed(error)


def _enquiry(caller: Caller, seen: _Seen, moment: float, sought: people.Invented) -> None:
    post = caller.call
    answer = seen.timed(
        "enquiry", lambda: post("POST", "/v1/enquiries", _ENQUIRY, expect=201), moment
    )
    enquiry = json.loads(answer)["id"]
    for version, state in enumerate(_TURNS, start=1):
        path, turn = f"/v1/enquiries/{enquiry}/turns", {"state": state}
        seen.timed(
            "turn", lambda p=path, t=turn, v=version: post("POST", p, t, expect=200, version=v)
        )
    person = {"names": [{"text": sought.full_name}], "sex": sought.sex}
    family = sought.full_name.rpartition(" ")[2]
    request = {
        "enquirer": {"names": [{"text": f"Ali {family}"}], "sex": "male"},
        "sought": [{"relation": "mother", "person": person | {"birth": {"text": sought.birth}}}],
        "legal_basis": "public_interest",
    }
    look = {"made_for": enquiry, "request": request}
    found = seen.timed("look", lambda: post("POST", "/v1/looks", look, expect=200))
    if json.loads(found)["items"]:
        path = f"/v1/enquiries/{enquiry}"
        version = json.loads(post("GET", path, expect=200))["version"]
        why = {"reason": "Another family of the same name."}
        post("POST", f"{path}/family", why, expect=200, version=version)
    request = request | {"intake": enquiry}
    seen.timed("open_case", lambda: post("POST", "/v1/requests", request, expect=201))


_Step = tuple[str, Callable[[Caller], bytes]]


def _officer(caller: Caller, seen: _Seen, over: threading.Event, steps: Iterator[_Step]) -> None:
    """Take one step after the other, and think between two."""
    with caller:
        for name, step in steps:
            if over.wait(THINKS_SECONDS):
                return
            try:
                seen.timed(name, lambda do=step: do(caller))
            except Exception as error:  # noqa: BLE001 (counted, whatever it is)
                seen.failed(error)


def _steps(mine: list[str], searched: list[str], sought: people.Invented) -> Iterator[_Step]:
    """Yield for ever what an officer does with the next case of theirs, and of their searches."""
    for case, other in zip(cycle(mine), cycle(searched), strict=False):
        yield from _reading(case, other)
        person = {"names": [{"text": sought.full_name}], "sex": sought.sex}
        search = {"made_for": case, "person": person}
        yield "search", lambda by, s=search: by.call("POST", "/v1/searches", s, expect=200)
        yield "note", lambda by, c=case: _note(by, c)
        yield "action", lambda by, c=other: _action(by, c)


def _reading(case: str, other: str) -> Iterator[_Step]:
    paths = {
        "queue": "/v1/queues/mine",
        "queue_branch": "/v1/queues/branch",
        "queue_country": "/v1/queues/mine?country=AF",
        "queue_searching": "/v1/queues/searching",
        "tasks": "/v1/tasks?mine=true",
        "case": f"/v1/cases/{case}",
        "file": f"/v1/cases/{case}/file",
        "journal": f"/v1/cases/{other}/search",
    }
    for name, path in paths.items():
        yield name, lambda by, p=path: by.call("GET", p, expect=200)


def _note(caller: Caller, case: str) -> bytes:
    file = json.loads(caller.call("GET", f"/v1/cases/{case}/file", expect=200))
    path, said = f"/v1/cases/{case}/notes", {"said": "She rang."}
    return caller.call("POST", path, said, expect=200, version=file["version"])


def _action(caller: Caller, case: str) -> bytes:
    path = f"/v1/cases/{case}/search"
    journal = json.loads(caller.call("GET", path, expect=200))
    step = {"step": "note", "said": "Asked at the gate of the camp; nobody knew her."}
    return caller.call("POST", path, step, expect=200, version=journal["version"])
