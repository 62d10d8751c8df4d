"""A honey case is answered like any other: whoever reads one is told nothing by it."""

import json
import re
from typing import Any

from rfl.flows.alert import list_alarms
from rfl.flows.plant import plant_honey
from rfl.flows.runtime import OFFICE_CALL
from rfl.storage import honey
from tests.api.support import CASEWORK, Caller, Desk, Role, done, make_request

_ID = re.compile(r"(cas|per|req)_[0-9a-z]{26}")


def opened(desk: Desk, *, plant: bool) -> str:
    """A case that its officer opened for named persons, and made normal."""
    case = desk.officer.open_case(level="named_persons_only")
    if plant:
        plant_honey(desk.rt, OFFICE_CALL, case)
    request = done(desk.officer.get(f"/v1/cases/{case}/request")) | {"level": "normal"}
    answer = desk.officer.put(f"/v1/cases/{case}/request", request, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    return case


def answered(caller: Caller, case: str) -> list[tuple[int, dict[str, str], Any, int]]:
    """Status, headers, document and length of every reading and of steps that are refused."""
    answers = [
        caller.get(f"/v1/cases/{case}"),
        caller.get(f"/v1/cases/{case}/file"),
        caller.get(f"/v1/cases/{case}/matches"),
        caller.get(f"/v1/cases/{case}/timeline"),
        caller.get("/v1/cases"),
        caller.get(f"/v1/cases/{case}/request"),
        caller.put(f"/v1/cases/{case}/request", make_request(), headers={"If-Match": '"1"'}),
        caller.post("/v1/tasks", {"case_id": case}),
    ]
    return [
        (
            answer.status_code,
            {name: _ID.sub("id", value) for name, value in answer.headers.items()},
            json.loads(_ID.sub("id", answer.text)),
            len(answer.content),
        )
        for answer in answers
    ]


def test_every_answer_is_the_same_to_the_byte(desk: Desk) -> None:
    usual, bait = opened(desk, plant=False), opened(desk, plant=True)
    reader = desk.caller(Role.TRACING_OFFICER, CASEWORK)
    assert answered(reader, bait) == answered(reader, usual)
    alarms = {one.subject: one.code for one in list_alarms(desk.rt, OFFICE_CALL)}
    assert alarms[reader.account] == honey.OPENED
