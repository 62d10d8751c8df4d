"""Tasks and transmissions by HTTP."""

from typing import Any

import pytest

from rfl.api.schemas.beside import TaskAnswer, TransmissionAnswer
from tests.api.support import Desk, done, refused
from tests.audit.walks_beside import calls_about_work


def test_a_task_and_a_transmission_go_through_their_steps(desk: Desk) -> None:
    answers = {(method, path): call() for method, path, call in calls_about_work(desk)}
    task = answers["GET", "/v1/tasks/{task_id}"]
    assert done(task)["what"] == "Ring her"
    TaskAnswer.model_validate_json(task.content, strict=False)
    kept = done(task)["id"]
    [listed] = [one for one in done(answers["GET", "/v1/tasks"])["items"] if one["id"] == kept]
    assert listed["id"] == done(task)["id"]
    assert "Ring" not in answers["GET", "/v1/tasks"].text
    sent = answers["GET", "/v1/transmissions/{transmission_id}"]
    assert (done(sent)["peer"], done(sent)["methods"]) == ("south", ["visit"])
    TransmissionAnswer.model_validate_json(sent.content, strict=False)
    moved = answers["POST", "/v1/transmissions/{transmission_id}/moves"]
    assert done(moved)["version"] == 2


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("tasks", {"kind": "call_back", "what": "", "due_on": "2027-01-15"}, "what"),
    ("tasks", {"kind": "wait", "what": "x", "due_on": "2027-01-15"}, "kind"),
    ("transmissions", {"peer": "South", "methods": [], "due_on": "2027-01-15"}, "peer"),
    (
        "transmissions",
        {"peer": "south", "methods": ["drone"], "due_on": "2027-01-15"},
        "methods[0]",
    ),
]


@pytest.mark.parametrize(("kind", "body", "field"), BAD)
def test_a_bad_one_is_refused_by_field(
    sqlite_desk: Desk, kind: str, body: dict[str, Any], field: str
) -> None:
    case = sqlite_desk.officer.open_case()
    refused(sqlite_desk.officer.post(f"/v1/cases/{case}/{kind}", body), 422, field, "")
