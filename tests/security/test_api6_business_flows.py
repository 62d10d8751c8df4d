"""API6:2023, unrestricted access to sensitive business flows: harvesting people, and the steps that
do harm.

Searches and lists are the two ways to many people. Approvals used for another request, twice, or
given by the one who asked are in tests/flows/test_approvals.py.
"""

from dataclasses import replace
from typing import Any

from rfl.domain.approval import Approves
from rfl.flows.follow import load_pools
from rfl.flows.search import SHOWN
from tests.api.support import Desk, done, make_request, refused
from tests.security.attack import CLOSED, SCHEMAS
from tests.signin.provider import make_issuer

# What an answer for many people at once may hold of each: nothing that was described of a person.
PERSONAL = {
    *("names", "birth", "birth_place", "kin", "last_address", "photos", "identifiers", "contact"),
    *("phones", "emails", "address", "narrative", "whereabouts", "journey", "health", "person"),
    *("enquirer", "sought", "said", "news", "reply", "text", "what"),
}


def _shown(schema: Any, seen: set[str]) -> set[str]:
    """Every name of a field below this shape."""
    if isinstance(schema, list):
        return set().union(*(_shown(one, seen) for one in schema))
    if not isinstance(schema, dict):
        return set()
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found = set(schema.get("properties", ()))
    if name and name not in seen:
        seen.add(name)
        found |= _shown(SCHEMAS[name], seen)
    return found.union(*(_shown(one, seen) for key, one in schema.items() if key != "examples"))


def test_a_list_shows_what_stands_in_clear_and_no_person() -> None:
    lists = [one for one in CLOSED if one.method == "GET" and "_id}" not in one.path]
    assert len(lists) > 15
    for operation in lists:
        told = operation.described["responses"]["200"]["content"]["application/json"]["schema"]
        assert not _shown(told, set()) & PERSONAL, operation.name


def test_a_search_is_made_for_something_and_shows_ten_by_name_parts_and_band(
    sqlite_desk: Desk,
) -> None:
    officer = sqlite_desk.officer
    for _each in range(SHOWN + 3):
        officer.open_case()
    load_pools(sqlite_desk.rt)
    person = make_request()["enquirer"]
    refused(officer.post("/v1/searches", {"person": person}), 422, "made_for", "is required")
    body = {"made_for": officer.open_case(), "person": person}
    found = done(officer.post("/v1/searches", body))["items"]
    assert len(found) == SHOWN
    fields = {"record", "part", "names", "band", "band_sentence", "reasons"}
    assert {name for hit in found for name in hit} == fields
    assert set(SCHEMAS["Hit"]["properties"]) == fields


def test_what_does_harm_alone_needs_a_second_officer(sqlite_desk: Desk) -> None:
    rt = sqlite_desk.rt
    rt.rules, rt.issuer = replace(rt.rules, four_eyes=frozenset(Approves)), make_issuer()
    case, registration = sqlite_desk.officer.open_case(), sqlite_desk.officer.add_registration()
    supervisor, administrator = sqlite_desk.supervisor(), sqlite_desk.administrator()
    auditor, account = sqlite_desk.auditor(), sqlite_desk.officer.account
    reason = {"reason": "data_subject_request"}
    export = {"form": "csv", "recipient": "auditor-1", "until": "2099-03-31"}
    for caller, method, path, body in (
        (supervisor, "POST", f"/v1/cases/{case}/erasure", reason),
        (supervisor, "POST", f"/v1/registrations/{registration}/erasure", reason),
        (administrator, "POST", "/v1/accounts", {"role": "auditor", "branch": "x", "name": "A"}),
        (administrator, "PUT", f"/v1/accounts/{account}/vetting", {"until": "2027-01-01"}),
        (administrator, "PUT", f"/v1/accounts/{account}/subject", {"subject": "eve"}),
        (administrator, "POST", f"/v1/accounts/{account}/invitation", None),
        (auditor, "POST", "/v1/log-exports", export),
    ):
        answer = caller._call(method, path, {"json": body})
        refused(answer, 403, None, "second officer")
    done(sqlite_desk.officer.get(f"/v1/cases/{case}"))
