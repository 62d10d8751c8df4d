"""The client against the real API in this process, and against a node that misbehaves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx2
import pytest
from starlette.testclient import TestClient

from rfl.app import AppOptions, create_app
from rfl.client.calls import Client
from rfl.client.problems import UNREACHABLE, ClientProblem
from rfl.client.shapes import Registration, TracingRequest
from rfl.client.transport import TRIES, Transport
from rfl.domain.access import Role
from rfl.domain.purpose import Purpose
from rfl.flows.admit import add_account
from rfl.flows.runtime import OFFICE_CALL, Runtime
from tests.support import BRANCH

REQUEST: TracingRequest = {
    "enquirer": {"names": [{"text": "Ali Hosseini"}], "sex": "male"},
    "sought": [{"relation": "mother", "person": {"names": [{"text": "Maryam Hosseini"}]}}],
    "legal_basis": "public_interest",
}
REGISTRATION: Registration = {
    "person": {"names": [{"text": "مريم حسيني"}], "birth": {"text": "1961"}},
    "source": {"kind": "camp", "owner": "Vinojug"},
    "status": "registered",
    "legal_basis": "vital_interest",
}


@dataclass
class Node:
    """A node that answers as it is told, and remembers what it was asked."""

    answers: list[httpx2.Response | httpx2.TransportError]
    asked: list[httpx2.Request] = field(default_factory=list)
    paused: list[float] = field(default_factory=list)

    def client(self) -> Client:
        client = Client("http://node.example", "rflt_x", through=httpx2.MockTransport(self._answer))
        client._transport._pause = self.paused.append
        return client

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, httpx2.TransportError):
            raise answer
        return answer


@pytest.fixture
def real(sqlite_rt: Runtime) -> Iterator[Callable[[Role, Purpose], Client]]:
    """Clients of the real API, by role and purpose."""
    app = TestClient(create_app(sqlite_rt, AppOptions(matcher=False)))

    def client(role: Role, purpose: Purpose) -> Client:
        token = add_account(sqlite_rt, OFFICE_CALL, role, BRANCH, "A holder").token
        return Client("http://testserver", token, purpose=purpose, through=app._transport)

    yield client
    app.close()


Clients = Callable[[Role, Purpose], Client]


def test_a_case_is_opened_read_changed_and_erased(real: Clients) -> None:
    officer = real(Role.SUPERVISOR, Purpose.TRACING)
    case = officer.open_case(REQUEST, intake=officer.open_intake()["id"])
    held = officer.read_case(case["id"])
    held["request"]["message"] = "I am well."
    assert officer.change_request(case["id"], 1, held["request"])["version"] == 2
    with pytest.raises(ClientProblem, match="stale-version") as stale:
        officer.change_request(case["id"], 1, held["request"])
    assert stale.value.status == 412
    assert officer.matches(case["id"]) == []
    assert officer.search(case["id"], REQUEST["enquirer"]) == []
    officer.purpose = Purpose.DATA_SUBJECT_REQUEST
    officer.erase_case(case["id"], "data_subject_request")
    with pytest.raises(ClientProblem) as erased:
        officer.read_case(case["id"])
    assert (erased.value.code, erased.value.status) == ("erased", 410)


def test_pages_are_walked_to_their_end(real: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rfl.client.calls.PAGE", 2)
    officer = real(Role.TRACING_OFFICER, Purpose.TRACING)
    made = [officer.register(REGISTRATION)["id"] for _ in range(5)]
    assert sorted(one["id"] for one in officer.registrations()) == sorted(made)
    assert list(officer.cases()) == []


def test_a_list_is_offered_sent_and_taken_back(real: Clients) -> None:
    officer = real(Role.SUPERVISOR, Purpose.TRACING)
    offered = officer.offer_list(
        {
            "owner": "Camp",
            "kind": "camp",
            "reliability": "stated",
            "sharing": "here_only",
            "legal_basis": "vital_interest",
        }
    )
    rows = b"full name\nZahra Hosseini\n"
    assert officer.send_rows(offered["id"], rows, "text/csv")["added"] == 1
    assert officer.send_rows(offered["id"], rows, "text/csv")["unchanged"] == 1
    assert officer.take_back_list(offered["id"]) == {"removed": 1}


def test_the_log_says_who_did_what(real: Clients) -> None:
    case = real(Role.TRACING_OFFICER, Purpose.TRACING).open_case(REQUEST)
    guardian = real(Role.DATA_PROTECTION_OFFICER, Purpose.AUDIT)
    assert [one["action"] for one in guardian.log_of(case["id"])] == ["case.open", "log.read"]
    assert len(guardian.log(2)) == 2
    administrator = real(Role.ADMINISTRATOR, Purpose.ADMINISTRATION)
    assert administrator.add_account("auditor", "x", "A holder")["token"].startswith("rflt_")


def test_a_refusal_is_a_problem_with_its_code_field_and_rule(real: Clients) -> None:
    officer = real(Role.TRACING_OFFICER, Purpose.TRACING)
    with pytest.raises(ClientProblem) as refused:
        officer.open_case({**REQUEST, "sought": []})
    problem = refused.value
    assert (problem.code, problem.field, problem.status) == ("invalid-input", "sought", 422)
    assert str(problem) == f"invalid-input: sought: {problem.rule}"


def test_reading_is_tried_again_with_growing_pauses() -> None:
    node = Node([_busy(), httpx2.ConnectError("away"), httpx2.Response(200, json={"id": "x"})])
    assert node.client().read_case("cas_x") == {"id": "x"}
    assert node.paused == [0.2, 0.4]


def test_creating_is_tried_again_under_the_same_idempotency_key() -> None:
    node = Node([httpx2.ReadError("cut"), httpx2.Response(201, json={"id": "x", "version": 1})])
    assert node.client().open_case(REQUEST)["id"] == "x"
    first, second = (request.headers["Idempotency-Key"] for request in node.asked)
    assert first == second
    assert node.asked[0].content == node.asked[1].content


def test_two_creations_have_keys_of_their_own() -> None:
    node = Node([httpx2.Response(201, json={}), httpx2.Response(201, json={})])
    with node.client() as client:
        client.register(REGISTRATION)
        client.register(REGISTRATION)
    first, second = (request.headers["Idempotency-Key"] for request in node.asked)
    assert first != second


ONCE: list[Callable[[Client], object]] = [
    lambda client: client.decide("mat_x", 1, "confirmed", "Because."),
    lambda client: client.erase_case("cas_x", "consent_withdrawn"),
    lambda client: client.change_request("cas_x", 1, REQUEST),
    lambda client: client.search("cas_x", REQUEST["enquirer"]),
    lambda client: client.take_back_list("lst_x"),
    lambda client: client.add_account("auditor", "x", "y"),
]


@pytest.mark.parametrize("call", ONCE)
def test_what_cannot_safely_be_repeated_is_sent_once(call: Callable[[Client], object]) -> None:
    node = Node([httpx2.ReadError("cut")])
    with pytest.raises(ClientProblem, match=UNREACHABLE):
        call(node.client())
    assert (len(node.asked), node.paused) == (1, [])


def test_a_node_that_stays_busy_is_given_up_with_its_own_problem() -> None:
    node = Node([_busy() for _ in range(TRIES)])
    with pytest.raises(ClientProblem) as busy:
        node.client().read_case("cas_x")
    assert (busy.value.code, busy.value.status) == ("storage-busy", 503)
    assert len(node.paused) == TRIES - 1


def test_a_refusal_is_not_tried_again() -> None:
    node = Node([httpx2.Response(403, json={"code": "forbidden", "detail": "No."})])
    with pytest.raises(ClientProblem, match="forbidden"):
        node.client().read_case("cas_x")
    assert len(node.asked) == 1


@pytest.mark.parametrize("body", [b"<html>Zahra</html>", b"[]", b'{"code": "x"}', b"\xff"])
def test_an_answer_that_is_none_of_a_node_is_not_repeated_to_anyone(body: bytes) -> None:
    node = Node([httpx2.Response(404, content=body)])
    with pytest.raises(ClientProblem) as strange:
        node.client().read_case("cas_x")
    assert (strange.value.code, strange.value.status) == ("internal", 404)
    assert "Zahra" not in str(strange.value)


def test_an_id_cannot_lead_to_another_address() -> None:
    node = Node([httpx2.Response(404, json={"code": "not-found", "detail": "None."})])
    with pytest.raises(ClientProblem):
        node.client().read_case("../accounts?x=1")
    assert node.asked[0].url.raw_path == b"/v1/cases/..%2Faccounts%3Fx%3D1"


def test_the_token_and_the_purpose_are_in_headers_and_nowhere_else() -> None:
    node = Node([httpx2.Response(200, json={})])
    node.client().read_case("cas_x")
    request = node.asked[0]
    assert request.headers["Authorization"] == "Bearer rflt_x"
    assert request.headers["RFL-Purpose"] == "tracing"
    assert "rflt_x" not in str(request.url)
    assert "rflt_x" not in repr(Transport("http://node.example", "rflt_x"))


def _busy() -> httpx2.Response:
    return httpx2.Response(503, json={"code": "storage-busy", "detail": "Busy."})
