"""The whole OpenAPI as several roles, by schemathesis: no failure, no undocumented answer, and none
to a role that may not.

Five examples an operation; `make soak` tries many more, of wrong requests too, and says how they
were answered. The ids are those of real records, so that what is tried arrives at what opens data.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.core import NotSet
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation

from rfl.domain.access import Role
from rfl.domain.budget import DEFAULTS, Limit
from rfl.domain.call_rate import CallRate
from rfl.domain.permissions import ALLOWED
from rfl.domain.purpose import Purpose
from tests.api.support import Caller, Desk, done, open_desk
from tests.security.attack import DOCUMENT
from tests.security.test_api5_functions import VERB
from tests.support import Clock, make_runtime

FOUND = {
    found.ok().definition.raw["operationId"]: found.ok()
    for found in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()
}
ROLES = {
    Role.INTAKE_VOLUNTEER: "tracing",
    Role.TRACING_OFFICER: "tracing",
    Role.SUPERVISOR: "tracing",
    Role.DATA_PROTECTION_OFFICER: "data_subject_request",
    Role.AUDITOR: "audit",
    Role.ADMINISTRATOR: "administration",
}
# What ends the caller's own token, or a record that the others are tried on.
ENDING = {"sign_out", "erase_case", "erase_registration", "take_back_list"}
PARTS = 4


# Whoever tries everything would have spent theirs soon, and then be answered by that alone.
ROOMY = {role: dict.fromkeys(limits, Limit(10**9, 10**9)) for role, limits in DEFAULTS.items()}


@dataclass(slots=True)
class Office:
    """A caller of each role, the ids of real records by their name in addresses, and how often
    which status was answered.
    """

    desk: Desk
    told: Counter[int] = field(default_factory=Counter)
    callers: dict[Role, Caller] = field(init=False)
    ids: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Sign everybody in anew, and make new records."""
        self.callers = {role: self.desk.caller(role, purpose) for role, purpose in ROLES.items()}
        self.ids = _records(self.desk)


@pytest.fixture(scope="module")
def office(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A node with an account of each role."""
    folder = tmp_path_factory.mktemp("fuzzed")
    (folder / "rfl.db").touch(mode=0o600)
    (folder / "rfl.db").write_bytes(sqlite_template.read_bytes())
    rt = make_runtime(f"sqlite:///{folder / 'rfl.db'}", folder, Clock())
    rt.rules, rt.office_calls = replace(rt.rules, budgets=ROOMY), CallRate(10**9)
    with open_desk(rt) as desk:
        yield (made := Office(desk))
    rt.database.dispose()
    print(f"\n{made.told.total():,} requests: {sorted(made.told.items())}")  # noqa: T201 (soak)


def _records(desk: Desk) -> dict[str, str]:
    officer = desk.officer
    enquiry = {"channel": "visit", "caller": "Ali", "said": "He asks.", "is_relative": True}
    letter = DOCUMENT["components"]["schemas"]["NewMessage"]["examples"][0]
    task = {"kind": "other", "what": "Ask the school", "due_on": "2027-01-15"}
    case = officer.open_case()
    return {
        "case_id": case,
        "registration_id": officer.add_registration(source={"kind": "self", "owner": "Desk"}),
        "list_id": officer.open_list(),
        "enquiry_id": done(officer.post("/v1/enquiries", enquiry), 201)["id"],
        "message_id": done(officer.post("/v1/messages", letter | {"case_id": None}), 201)["id"],
        "task_id": done(officer.post(f"/v1/cases/{case}/tasks", task), 201)["id"],
    }


def _strategy(operation: APIOperation, mode: GenerationMode, ids: dict[str, str]) -> Any:
    names = {one.name for one in operation.path_parameters}
    known = {name: ids[name] for name in names & ids.keys()}
    return operation.as_strategy(mode, path_parameters=known or None)


def _sent(caller: Caller, case: Case, purpose: str) -> Any:
    """Send what was drawn, as this caller and for this purpose."""
    drawn = dict(case.headers or {}).items()
    headers = {name: str(value) for name, value in drawn if name != "Authorization"}
    options: dict[str, Any] = {"headers": headers | {"RFL-Purpose": purpose}}
    if case.query:
        options["params"] = dict(case.query)
    if not isinstance(case.body, NotSet):
        body = case.body
        options |= {"content": body} if isinstance(body, bytes) else {"json": body}
        options["headers"]["Content-Type"] = case.media_type
    return caller._call(case.method, case.formatted_path, options)


def _require_sound(case: Case, answer: Any, role: Role, purpose: str) -> None:
    told = (case.operation.label, role, answer.status_code, answer.text[:400])
    assert answer.status_code < 500, told
    described = case.operation.definition.raw["responses"]
    assert str(answer.status_code) in described, ("undocumented", *told)
    if answer.content:
        media = answer.headers["content-type"].partition(";")[0]
        assert media in described[str(answer.status_code)]["content"], told
        if media.endswith("json"):
            case.operation.validate_response(answer)
    verb = VERB.get(case.operation.definition.raw["operationId"])
    if verb is not None and purpose not in ALLOWED[role].get(verb, ()):
        assert answer.status_code >= 400, ("answered a role that may not", *told)


def _fuzz(office: Office, name: str, mode: GenerationMode, count: int) -> None:
    roles = st.sampled_from(sorted(ROLES))

    @settings(
        max_examples=count,
        derandomize=count < 10,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(case=_strategy(FOUND[name], mode, office.ids), role=roles, odd=st.sampled_from(Purpose))
    def tried(case: Case, role: Role, odd: Purpose) -> None:
        for one in (role, Role.TRACING_OFFICER):
            purpose = odd if one is role else ROLES[one]
            answer = _sent(office.callers[one], case, purpose)
            office.told[answer.status_code] += 1
            _require_sound(case, answer, one, purpose)

    tried()
    if name in ENDING:
        office.renew()


@pytest.mark.parametrize("part", range(PARTS))
def test_no_request_of_its_shape_fails_or_is_answered_as_nobody_says(
    office: Office, part: int
) -> None:
    for name in list(FOUND)[part::PARTS]:
        _fuzz(office, name, GenerationMode.POSITIVE, 5)


@pytest.mark.soak
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("name", [name for name in FOUND if name not in ("live", "ready")])
def test_no_request_at_all_fails_or_is_answered_as_nobody_says(
    office: Office, name: str, mode: GenerationMode
) -> None:
    _fuzz(office, name, mode, 200)
