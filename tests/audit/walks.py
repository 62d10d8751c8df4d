"""What test_completeness walks: every flow, every route, every command, each with real input."""

import importlib
import inspect
import io
import pkgutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

import rfl.flows
from rfl.app import ROUTERS
from rfl.background import settle
from rfl.domain.access import Role
from rfl.domain.entry import Entry, from_bytes
from rfl.domain.key_use import total_unwraps
from rfl.domain.match import MatchState
from rfl.domain.purpose import Purpose
from rfl.errors import RflError
from rfl.flows import (
    account_for,
    admit,
    alert,
    appoint,
    back_up,
    check_health,
    cosign,
    decide,
    enrol,
    erase,
    export_log,
    follow,
    offer_list,
    propose,
    queue,
    reconcile,
    register,
    review,
    rotate_keys,
    search,
    sequence,
    take_list,
    tidy,
    view_lists,
    witness_log,
)
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.interchange.csvlist import read_csv
from rfl.storage.reach import EVERYTHING
from tests.api.files import CSV, make_csv
from tests.api.support import REGISTRATION, REQUEST, Caller, Desk, make_terms
from tests.api.test_casefiles import step
from tests.api.test_closed import OPEN, SIGNED
from tests.api.test_searching import DEAD, Team
from tests.audit.exported import AUDIT_CALL
from tests.audit.societies import Wire, befriend, grow
from tests.audit.walks_authorities import calls_of_authorities, steps_of_authorities
from tests.audit.walks_beside import calls_beside, steps_beside
from tests.audit.walks_casework import casework_steps
from tests.audit.walks_exchange import CLEAR_EXCHANGE, exchange_steps
from tests.audit.walks_granting import calls_of_granting, grant_steps
from tests.audit.walks_log import expiry_steps, log_steps, matching_steps
from tests.audit.walks_routes import casework_calls, log_calls, matching_calls
from tests.flows.test_lists import TERMS
from tests.support import (
    DPO,
    OFFICER,
    SUPERVISOR,
    make_call,
    make_person,
    make_registration,
    make_request,
)

Calls = Iterator[tuple[str, str, Callable[[], Any]]]


class Count:
    """Keys unwrapped, and what the entries written meanwhile account for."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.unwraps, self.last = rt.agent.unwraps(), 0
        self._new()

    def check(self, what: str) -> list[Entry]:
        """Return the new entries; nothing was opened that they do not account for."""
        new = [from_bytes(body) for body in self._new()]
        opened = self.rt.agent.unwraps() - self.unwraps
        self.unwraps += opened
        assert not opened or new, f"{what} opened {opened} keys and left no entry"
        assert opened <= total_unwraps(new), f"{what} opened {opened} keys: {new}"
        assert self.rt.tally.unaccounted() == 0, what
        return new

    def _new(self) -> list[bytes]:
        wanted = f"SELECT seq, body FROM ledger WHERE seq > {self.last} ORDER BY seq"  # noqa: S608
        with self.rt.database.read() as connection:
            rows = connection.exec_driver_sql(wanted).all()
        self.last = max((row[0] for row in rows), default=self.last)
        return [bytes(row[1]) for row in rows]


# What takes a runtime and opens nothing that is kept: it reads what stands in clear.
CLEAR_FLOWS = CLEAR_EXCHANGE | {
    "runtime.require_second": "uses an approval, within flows that are walked",
    "check_health.database_answers": "asks the database whether it is there",
    "cursors.open_cursor": "opens a cursor, which holds a place in a list",
    "cursors.seal_cursor": "seals a place in a list",
    "cursors.open_place": "opens a cursor, which holds a place in the log",
    "cursors.seal_place": "seals a place in the log",
    "expire_log.expire_if_due": "expires, by a flow that is walked",
    "rematch.rematch_progress": "says numbers",
    "stamp_log.stamp": "has a hash stamped; would call for an entry itself",
    "stamp_log.stamp_if_due": "has a hash stamped; would call for an entry itself",
    "read_upload.read_upload": "reads what the caller has sent, before it is kept",
    "sequence.checkpoint_due": "asks how old the last checkpoint is",
    "sequence.witness_due": "asks how old the last checkpoint is",
    "sequence.log_key": "returns a public key",
    "sequence.sequence_waiting": "hashes entries; would call for an entry itself",
    "sequence.sign_checkpoint": "signs a hash; would call for an entry itself",
    "witness_log.offer_to_all": "offers and takes, by flows that are walked",
    "witness_log.note_silence": "an alarm, which is an entry",
    "reconcile.keep_key_use": "keeps numbers",
    "reconcile.watch_rate": "an alarm, which is an entry",
    "lock_down.read_lockdown": "says whether there is a lockdown",
    "alert.tell_alarms": "tells of alarms, which are entries",
}


def flows() -> set[str]:
    """Every public function of a module of flows that takes a runtime."""
    found = set()
    for module in pkgutil.iter_modules(rfl.flows.__path__):
        inside = importlib.import_module(f"rfl.flows.{module.name}")
        for name, member in inspect.getmembers(inside, inspect.isfunction):
            first = next(iter(inspect.signature(member).parameters.values()), None)
            own = member.__module__ == inside.__name__ and not name.startswith("_")
            if own and first is not None and first.annotation is Runtime:
                found.add(f"{module.name}.{name}")
    return found


def rows(*names: str) -> Iterator[Any]:
    content = make_csv(*((f"V-{name}", name, "female", "1961") for name in names))
    return iter(read_csv(io.BytesIO(content), TERMS, None, date(2026, 3, 1)))


def steps(  # noqa: PLR0915 (a list of what there is)
    rt: Runtime, folder: Path, south: Runtime
) -> Iterator[tuple[str, Callable[[], object]]]:
    """Every flow with real input, in an order in which one finds what another has left."""
    kept: dict[str, Any] = {}
    office, audit = OFFICE_CALL, make_call(Role.AUDITOR, Purpose.AUDIT)

    def keep(name: str, make: Callable[[], Any]) -> Callable[[], None]:
        return lambda: kept.__setitem__(name, make())

    def later(use: Callable[[], object]) -> Callable[[], object]:
        return use

    yield (
        "admit.add_account",
        keep("account", lambda: admit.add_account(rt, office, Role.AUDITOR, "skopje", "Ana")),
    )
    yield "admit.sign_in", later(lambda: admit.sign_in(rt, kept["account"].token))
    yield "register.open_intake", keep("intake", lambda: register.open_intake(rt, OFFICER).id)
    yield (
        "register.open_case",
        keep("case", lambda: register.open_case(rt, OFFICER, make_request(), kept["intake"]).id),
    )
    yield (
        "enrol.add_registration",
        keep("reg", lambda: enrol.add_registration(rt, OFFICER, make_registration())),
    )
    yield (
        "enrol.read_registration",
        later(lambda: enrol.read_registration(rt, OFFICER, kept["reg"])),
    )
    yield (
        "enrol.list_registrations",
        later(lambda: enrol.list_registrations(rt, OFFICER, (-1, ""), 5)),
    )
    yield (
        "enrol.change_registration",
        later(
            lambda: enrol.change_registration(
                rt,
                OFFICER,
                kept["reg"],
                1,
                enrol.read_registration(rt, OFFICER, kept["reg"]).registration,
            )
        ),
    )
    yield "review.read_case", later(lambda: review.read_case(rt, OFFICER, kept["case"]))
    yield "review.list_cases", later(lambda: review.list_cases(rt, OFFICER, (-1, ""), 5))
    yield (
        "review.change_case",
        later(
            lambda: review.change_case(
                rt, OFFICER, kept["case"], 1, review.read_case(rt, OFFICER, kept["case"]).request
            )
        ),
    )
    yield "follow.load_pools", keep("position", lambda: follow.load_pools(rt))
    yield "propose.propose_waiting", later(lambda: propose.propose_waiting(rt, kept["position"]))
    yield (
        "follow.catch_up",
        later(
            lambda: (
                enrol.add_registration(rt, OFFICER, make_registration(make_person("Ana Ivanova"))),
                follow.catch_up(rt, kept["position"]),
            )
        ),
    )
    yield (
        "search.search",
        later(lambda: search.search(rt, OFFICER, kept["case"], make_person("Maryam Hosseini"))),
    )
    yield (
        "decide.list_matches",
        keep("match", lambda: decide.list_matches(rt, OFFICER, kept["case"])[0].row.id),
    )
    yield "decide.read_match", later(lambda: decide.read_match(rt, OFFICER, kept["match"]))
    yield (
        "decide.decide_match",
        later(
            lambda: decide.decide_match(
                rt, OFFICER, kept["match"], 1, MatchState.UNSURE, "Not sure"
            )
        ),
    )
    yield from matching_steps(rt, lambda: kept["match"])
    yield (
        "decide.list_duplicates",
        later(lambda: decide.list_duplicates(rt, OFFICER, kept["reg"])),
    )
    yield (
        "queue.list_queue",
        later(lambda: queue.list_queue(rt, OFFICER, queue.Queue.BRANCH, ((-1, ""), 5))),
    )
    yield (
        "queue.list_searches",
        later(lambda: queue.list_searches(rt, OFFICER, None, ((-1, ""), 5))),
    )
    yield "offer_list.open_list", keep("list", lambda: offer_list.open_list(rt, OFFICER, TERMS))
    yield "offer_list.read_terms", later(lambda: offer_list.read_terms(rt, OFFICER, kept["list"]))
    yield (
        "take_list.take_rows",
        keep(
            "taken", lambda: take_list.take_rows(rt, OFFICER, kept["list"], rows("Elena", "Mira"))
        ),
    )
    yield "take_list.end_list", later(lambda: take_list.end_list(rt, OFFICER, kept["taken"]))
    yield (
        "take_list.take_list",
        later(lambda: take_list.take_list(rt, OFFICER, kept["list"], rows("Elena", "Mira"))),
    )
    yield "view_lists.list_lists", later(lambda: view_lists.list_lists(rt, OFFICER, (-1, ""), 5))
    yield "view_lists.read_list", later(lambda: view_lists.read_list(rt, OFFICER, kept["list"]))
    yield (
        "account_for.entries_about",
        later(lambda: account_for.entries_about(rt, DPO, kept["case"])),
    )
    yield "account_for.latest_entries", later(lambda: account_for.latest_entries(rt, audit))
    yield (
        "export_log.export_log",
        later(lambda: export_log.export_log(rt, AUDIT_CALL, io.BytesIO())),
    )
    yield "back_up.back_up", later(lambda: back_up.back_up(rt, office, folder / "backup"))
    yield "rotate_keys.rotate_keys", later(lambda: rotate_keys.rotate_keys(rt, office))
    yield (
        "rotate_keys.records_by_version",
        later(lambda: rotate_keys.records_by_version(rt, office)),
    )
    yield "rotate_keys.rotate_log_key", later(lambda: rotate_keys.rotate_log_key(rt, office))
    yield "rotate_keys.destroy_old_keys", later(lambda: rotate_keys.destroy_old_keys(rt, office))
    yield (
        "erase.erase_registration",
        later(
            lambda: erase.erase_registration(rt, SUPERVISOR, kept["reg"], "data_subject_request")
        ),
    )
    yield "erase.take_back_list", later(lambda: erase.take_back_list(rt, SUPERVISOR, kept["list"]))
    yield (
        "erase.erase_case",
        later(lambda: erase.erase_case(rt, SUPERVISOR, kept["case"], "data_subject_request")),
    )
    yield from steps_beside(rt)
    yield "tidy.tidy", later(lambda: tidy.tidy(rt))
    yield "tidy.bound_registrations", later(lambda: _bind(rt))
    yield "tidy.erase_expired", later(lambda: _expire(rt))
    yield from grant_steps(rt)
    yield (
        "admit.revoke_token",
        later(lambda: admit.revoke_token(rt, office, kept["account"].token_id)),
    )
    yield "admit.enter_failed_sign_ins", later(lambda: _fail_to_sign_in(rt))
    yield "appoint.appoint", later(lambda: (befriend(rt, south), befriend(south, rt)))
    yield (
        "witness_log.offer_checkpoint",
        later(lambda: (grow(rt), witness_log.offer_checkpoint(rt, office, "south"))),
    )
    yield (
        "witness_log.take_cosignature",
        later(lambda: (grow(rt), witness_log.offer_to_all(rt, Wire({"south": south})))),
    )
    yield (
        "cosign.cosign",
        later(lambda: (grow(south), witness_log.offer_to_all(south, Wire({"north": rt})))),
    )
    yield (
        "cosign.show_checkpoint",
        later(lambda: cosign.show_checkpoint(rt, office, "south", sequence.sign_checkpoint(south))),
    )
    yield "appoint.view_watch", later(lambda: appoint.view_watch(rt, audit))
    yield "appoint.begin_anew", later(lambda: appoint.begin_anew(rt, office, "south"))
    yield "appoint.dismiss", later(lambda: appoint.dismiss(rt, office, "south"))
    yield "alert.list_alarms", keep("alarms", lambda: _alarms(rt, audit))
    yield "alert.see_alarm", later(lambda: alert.see_alarm(rt, audit, kept["alarms"][0].id))
    yield "check_health.condition", later(lambda: check_health.condition(rt, audit))
    yield "reconcile.reconcile_days", later(lambda: _next_day(rt))
    yield from log_steps(rt, folder)
    yield from casework_steps(rt)
    yield from steps_of_authorities(rt)
    yield from exchange_steps(rt, south)
    yield "back_up.restore", later(lambda: _refused(lambda: _restore(rt, folder)))
    yield from expiry_steps(rt)


def _bind(rt: Runtime) -> None:
    with rt.database.write(EVERYTHING) as connection:
        connection.exec_driver_sql("UPDATE registrations SET expires_at = NULL")
    assert tidy.bound_registrations(rt)


def _expire(rt: Runtime) -> None:
    with rt.database.write(EVERYTHING) as connection:
        connection.exec_driver_sql("UPDATE registrations SET expires_at = 1")
    assert tidy.erase_expired(rt)


def _fail_to_sign_in(rt: Runtime) -> None:
    for _attempt in range(50):
        _refused(lambda: admit.sign_in(rt, "rflt_nobody"))
    rt.clock.move(minutes=1)  # type: ignore[attr-defined]
    admit.enter_failed_sign_ins(rt)


def _alarms(rt: Runtime, call: Call) -> list[alert.Alarm]:
    rt.clock.move(hours=-1)  # type: ignore[attr-defined]
    sequence.sign_checkpoint(rt)
    return alert.list_alarms(rt, call)


def _next_day(rt: Runtime) -> None:
    reconcile.keep_key_use(rt)
    rt.clock.move(days=1)  # type: ignore[attr-defined]
    assert reconcile.reconcile_days(rt)


def _restore(rt: Runtime, folder: Path) -> None:
    back_up.restore(rt, OFFICE_CALL, folder / "backup")


def _refused(do: Callable[[], object]) -> None:
    with pytest.raises(RflError):
        do()


def routes() -> set[tuple[str, str]]:
    return {
        (method, route.path)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
        if (route.path not in OPEN or route.path.startswith("/v1/sign-in"))
        and not route.path.startswith(SIGNED)
    }


def calls(desk: Desk, kept: dict[str, str]) -> Calls:
    """Every closed route with real input, and those that prove who somebody is."""
    officer, supervisor = desk.officer, desk.supervisor()
    first = {"If-Match": '"1"'}

    yield "GET", "/v1/me", lambda: officer.get("/v1/me")
    yield "POST", "/v1/intakes", _kept(officer, kept, "intake", "/v1/intakes")
    yield "POST", "/v1/requests", _kept(officer, kept, "case", "/v1/requests", REQUEST)
    yield "POST", "/v1/cases", _kept(officer, kept, "other", "/v1/cases", REQUEST)
    yield "GET", "/v1/cases", lambda: officer.get("/v1/cases")
    case = kept.__getitem__
    yield "GET", "/v1/cases/{case_id}", lambda: officer.get(f"/v1/cases/{case('case')}")
    path = "/v1/cases/{case_id}/request"
    yield "GET", path, lambda: officer.get(f"/v1/cases/{case('case')}/request")
    yield (
        "PUT",
        path,
        lambda: officer.put(
            f"/v1/cases/{case('case')}/request",
            officer.get(f"/v1/cases/{case('case')}/request").json(),
            headers=first,
        ),
    )
    yield (
        "POST",
        "/v1/registrations",
        _kept(officer, kept, "reg", "/v1/registrations", REGISTRATION),
    )
    yield "GET", "/v1/registrations", lambda: officer.get("/v1/registrations")
    path = "/v1/registrations/{registration_id}"
    yield "GET", path, lambda: officer.get(f"/v1/registrations/{case('reg')}")
    yield (
        "PUT",
        path,
        lambda: officer.put(
            f"/v1/registrations/{case('reg')}",
            officer.get(f"/v1/registrations/{case('reg')}").json()["registration"],
            headers=first,
        ),
    )
    yield (
        "POST",
        "/v1/searches",
        lambda: (
            settle(desk.rt),
            officer.post("/v1/searches", {"made_for": case("intake"), "person": SOUGHT}),
        )[1],
    )

    def matches() -> Any:
        settle(desk.rt)
        answer = officer.get(f"/v1/cases/{case('case')}/matches")
        kept["match"] = answer.json()["items"][0]["id"]
        return answer

    yield "GET", "/v1/cases/{case_id}/matches", matches
    yield "GET", "/v1/matches/{match_id}", lambda: officer.get(f"/v1/matches/{case('match')}")
    yield (
        "POST",
        "/v1/matches/{match_id}/decisions",
        lambda: officer.post(
            f"/v1/matches/{case('match')}/decisions",
            {"state": "unsure", "reason": "Not sure"},
            headers=first,
        ),
    )
    yield from matching_calls(desk, kept)
    yield from _calls_of_casework(desk, kept)
    yield from _calls_about_lists(desk, kept, supervisor)
    yield from casework_calls(desk)
    yield from _calls_of_the_office(desk, kept)
    yield from calls_beside(desk)
    yield from calls_of_authorities(desk)
    reason = {"reason": "data_subject_request"}
    yield (
        "POST",
        "/v1/registrations/{registration_id}/erasure",
        lambda: supervisor.post(f"/v1/registrations/{case('reg')}/erasure", reason),
    )
    yield (
        "POST",
        "/v1/cases/{case_id}/erasure",
        lambda: supervisor.post(f"/v1/cases/{case('case')}/erasure", reason),
    )
    yield from log_calls(desk, kept)


def _calls_about_lists(desk: Desk, kept: dict[str, str], supervisor: Caller) -> Calls:
    officer, case = desk.officer, kept.__getitem__
    yield "POST", "/v1/lists", _kept(officer, kept, "list", "/v1/lists", make_terms())
    yield "GET", "/v1/lists", lambda: officer.get("/v1/lists")
    yield "GET", "/v1/lists/{list_id}", lambda: officer.get(f"/v1/lists/{case('list')}")
    content = make_csv(("V-1", "Elena Petrova", "female", "1961"))
    yield "PUT", "/v1/lists/{list_id}/rows", lambda: officer.send(case("list"), content, CSV)
    yield "DELETE", "/v1/lists/{list_id}", lambda: supervisor.delete(f"/v1/lists/{case('list')}")


def _calls_of_the_office(desk: Desk, kept: dict[str, str]) -> Calls:
    auditor, administrator, case = desk.auditor(), desk.administrator(), kept.__getitem__
    dpo = desk.caller(Role.DATA_PROTECTION_OFFICER, "data_subject_request")
    yield "GET", "/v1/cases/{case_id}/log", lambda: dpo.get(f"/v1/cases/{case('case')}/log")
    path = "/v1/registrations/{registration_id}/log"
    yield "GET", path, lambda: dpo.get(f"/v1/registrations/{case('reg')}/log")
    yield "GET", "/v1/log", lambda: auditor.get("/v1/log")
    log_id = "log_00000000000000000000000000"
    yield "GET", "/v1/log/{log_id}", lambda: auditor.get(f"/v1/log/{log_id}")
    yield "GET", "/v1/log/witnesses", lambda: auditor.get("/v1/log/witnesses")
    yield "GET", "/v1/health", lambda: administrator.get("/v1/health")

    def alarms() -> Any:
        desk.rt.clock.move(hours=1)  # type: ignore[attr-defined]
        sequence.sequence_waiting(desk.rt)
        sequence.sign_checkpoint(desk.rt)
        desk.rt.clock.move(hours=-1)  # type: ignore[attr-defined]
        sequence.sign_checkpoint(desk.rt)
        answer = auditor.get("/v1/alarms")
        kept["alarm"] = answer.json()["items"][0]["id"]
        return answer

    yield "GET", "/v1/alarms", alarms
    yield (
        "POST",
        "/v1/alarms/{alarm_id}/seen",
        lambda: auditor.post(f"/v1/alarms/{case('alarm')}/seen"),
    )

    def account() -> Any:
        body = {"role": "auditor", "branch": "skopje", "name": "Ana"}
        answer = administrator.post("/v1/accounts", body)
        kept["token"] = answer.json()["token_id"]
        return answer

    yield "POST", "/v1/accounts", account
    yield from calls_of_granting(desk)
    yield (
        "POST",
        "/v1/tokens/{token_id}/revocation",
        lambda: administrator.post(f"/v1/tokens/{case('token')}/revocation"),
    )


def _kept(
    caller: Caller, kept: dict[str, str], name: str, path: str, body: Any = None
) -> Callable[[], Any]:
    def call() -> Any:
        answer = caller.post(path, body)
        kept[name] = answer.json()["id"]
        return answer

    return call


SOUGHT = {"names": [{"text": "Maryam Hosseini"}]}


def _calls_of_casework(desk: Desk, kept: dict[str, str]) -> Calls:
    """Every route of enquiries, of the enquirer's side, and of the searching side."""
    officer, searcher = desk.officer, desk.caller(Role.TRACING_OFFICER, "tracing")
    supervisor = desk.caller(Role.SUPERVISOR, "tracing")
    administrator, case = desk.administrator(), kept.__getitem__
    first = {"If-Match": '"1"'}
    said = {"channel": "visit", "caller": "Ali", "said": "He asks.", "is_relative": True}
    yield "POST", "/v1/enquiries", _kept(officer, kept, "enquiry", "/v1/enquiries", said)
    yield "GET", "/v1/enquiries", lambda: officer.get("/v1/enquiries")
    path = "/v1/enquiries/{enquiry_id}"
    yield "GET", path, lambda: officer.get(f"/v1/enquiries/{case('enquiry')}")
    turn = {"state": "triage"}
    yield (
        "POST",
        f"{path}/turns",
        lambda: officer.post(f"/v1/enquiries/{case('enquiry')}/turns", turn, headers=first),
    )
    yield from _calls_of_telling(desk, kept)
    path, joins = "/v1/cases/{case_id}/search", {"officer": searcher.account, "joins": True}
    yield (
        "POST",
        f"{path}/team",
        lambda: supervisor.post(f"/v1/cases/{case('other')}/search/team", joins),
    )
    yield "GET", path, lambda: searcher.get(f"/v1/cases/{case('other')}/search")
    note = {"step": "note", "said": "Asked at the gate."}
    yield (
        "POST",
        path,
        lambda: searcher.post(
            f"/v1/cases/{case('other')}/search", note, headers={"If-Match": '"2"'}
        ),
    )
    yield (
        "PUT",
        "/v1/accounts/{account_id}/vetting",
        lambda: administrator.put(
            f"/v1/accounts/{searcher.account}/vetting", {"until": "2027-01-01"}
        ),
    )
    leaving = {"leaving": searcher.account, "officer": officer.account}
    yield "GET", "/v1/queues/searching", lambda: searcher.get("/v1/queues/searching")
    yield "GET", "/v1/queues/{name}", lambda: officer.get("/v1/queues/branch")
    yield "POST", "/v1/reassignments", lambda: supervisor.post("/v1/reassignments", leaving)
    passing = {"leaving": leaving["leaving"], "searcher": leaving["officer"]}
    path = "/v1/search-reassignments"
    yield "POST", path, lambda: supervisor.post(path, passing)


def _calls_of_telling(desk: Desk, kept: dict[str, str]) -> Calls:
    officer = desk.officer
    sought = [REQUEST["sought"][0], {"relation": "father", "person": SOUGHT}]
    family = REQUEST | {"sought": sought}

    def lead() -> Any:
        kept["family"] = officer.post("/v1/cases", family).json()["id"]
        path = f"/v1/cases/{kept['family']}"
        outcomes = officer.get(f"{path}/file").json()["outcomes"]
        body = {"accompanying": outcomes[0]["person"], "lead": outcomes[1]["person"]}
        return officer.post(f"{path}/leading", body, headers={"If-Match": '"1"'})

    yield "POST", "/v1/cases/{case_id}/leading", lead

    def talk() -> Any:
        team = Team(desk)
        said = {"person": team.person}
        team.take("lead", **said, source="The registry")
        team.take("death", **said, **DEAD)
        team.take("confirm_death", **said, by=team.second)
        body = said | {"on": "2026-03-01", "way": "in_person", "trained": True}
        return step(officer, "POST", team.case, "talks", body)

    yield "POST", "/v1/cases/{case_id}/talks", talk
