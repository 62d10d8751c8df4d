"""The client's steps of casework, against the real API."""

from collections.abc import Iterator

import pytest

from rfl.client.calls import Client
from rfl.client.problems import ClientProblem
from rfl.domain.access import Role
from rfl.domain.purpose import Purpose
from rfl.flows.runtime import Runtime
from tests.api.support import CASEWORK, Desk, make_request, open_desk
from tests.api.test_casefiles import COMPLETE, CREDIBLE, SCREENED


@pytest.fixture
def desk(sqlite_rt: Runtime) -> Iterator[Desk]:
    with open_desk(sqlite_rt) as desk:
        yield desk


def client_of(desk: Desk, role: Role = Role.TRACING_OFFICER) -> Client:
    caller = desk.caller(role, CASEWORK)
    token = caller.headers["Authorization"].removeprefix("Bearer ")
    return Client(
        "http://testserver", token, purpose=Purpose.TRACING, through=desk.client._transport
    )


def test_a_case_goes_through_every_step_on_the_version_before(desk: Desk) -> None:
    client, supervisor = client_of(desk), client_of(desk, Role.SUPERVISOR)
    case = client.open_case(make_request(**COMPLETE))["id"]  # type: ignore[arg-type]
    files = client.files
    version = files.judge(case, 1, CREDIBLE)["version"]
    version = files.screen(case, version, SCREENED)["version"]
    version = files.accept(case, version, "AF")["version"]
    version = files.note(case, version, "She moved.")["version"]
    version = files.suspend(case, version, "2027-01-15", "The archive is closed.")["version"]
    version = files.take_up(case, version)["version"]
    version = files.close(case, version, "withdrawn")["version"]
    version = files.reopen(case, version, "Her daughter asks.")["version"]
    officer = desk.caller(Role.TRACING_OFFICER, CASEWORK).account
    version = supervisor.files.assign(case, version, officer)["version"]
    file = files.read(case)
    assert (file["version"], file["state"], version) == (10, "reopened", 10)
    with pytest.raises(ClientProblem) as refused:
        files.accept(case, 1)
    assert refused.value.code == "stale-version"
