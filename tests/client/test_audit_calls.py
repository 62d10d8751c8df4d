"""The auditor's client against the real API in this process."""

from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from rfl.app import AppOptions, create_app
from rfl.client.audit_calls import AuditClient
from rfl.client.problems import ClientProblem
from rfl.domain.access import Role
from rfl.domain.purpose import Purpose
from rfl.flows.admit import add_account
from rfl.flows.enrol import add_registration
from rfl.flows.register import open_case
from rfl.flows.runtime import OFFICE_CALL, Runtime
from tests.support import BRANCH, OFFICER, Clock, make_registration, make_request

Clients = Callable[[Role, Purpose], AuditClient]


@pytest.fixture
def real(sqlite_rt: Runtime) -> Iterator[Clients]:
    """Clients of the real API, by role and purpose."""
    app = TestClient(create_app(sqlite_rt, AppOptions(matcher=False)))

    def client(role: Role, purpose: Purpose) -> AuditClient:
        token = add_account(sqlite_rt, OFFICE_CALL, role, BRANCH, "A holder").token
        through = app._transport
        return AuditClient("http://testserver", token, purpose=purpose, through=through)

    yield client
    app.close()


def test_every_page_of_an_answer_is_walked(
    real: Clients, sqlite_rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rfl.client.audit_calls.PAGE", 10)
    for _ in range(23):
        add_registration(sqlite_rt, OFFICER, make_registration())
    auditor = real(Role.AUDITOR, Purpose.AUDIT)
    found = list(auditor.ask_log(actor=OFFICER.actor.id, action="registration.add"))
    assert len(found) == 23
    with pytest.raises(ClientProblem, match="invalid-input"):
        list(auditor.ask_log(actor="Zahra Hosseini"))


def test_a_person_is_traced_and_told(real: Clients, sqlite_rt: Runtime) -> None:
    mine = add_registration(sqlite_rt, OFFICER, make_registration())
    guardian = real(Role.DATA_PROTECTION_OFFICER, Purpose.DATA_SUBJECT_REQUEST)
    assert [one["actor"] for one in guardian.trace(mine)["opened"]] == [OFFICER.actor.id]
    told = guardian.statement(mine, identity_checked=True)
    assert "Your data was entered" in told["text"]
    assert guardian.statement(mine, identity_checked=False)["uses"] == []


def test_reading_is_reviewed_and_judged(real: Clients, sqlite_rt: Runtime, clock: Clock) -> None:
    curious = real(Role.TRACING_OFFICER, Purpose.TRACING)
    for _ in range(5):
        curious.read_case(open_case(sqlite_rt, OFFICER, make_request(), None).id)
    curious.purpose = Purpose.ADMINISTRATION
    curious.give_family_names(["Hosseini"])
    clock.move(days=1)
    auditor = real(Role.AUDITOR, Purpose.AUDIT)
    assert auditor.review_log(family_names=True)["new"] == 2
    codes = {one["code"]: one for one in auditor.findings("open")}
    assert set(codes) == {"never_assigned", "own_family"}
    judged = auditor.judge(codes["own_family"]["id"], 1, "escalated", "A common name, but ask.")
    assert judged["version"] == 2
    assert len(list(auditor.findings())) == 2
    assert auditor.disclosures() == []
