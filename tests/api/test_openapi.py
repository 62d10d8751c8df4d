"""The OpenAPI document: that of the app, complete, with examples that hold."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from rfl.api.schemas import (
    approvals,
    auditing,
    beside,
    casefile,
    casework,
    enquiry,
    lists,
    messages,
    office,
    registration,
    request,
    searching,
    signing_in,
)
from rfl.app import openapi_document

DOCUMENT = openapi_document()
KEPT = Path(__file__).parents[2] / "openapi" / "rfl.json"
OPERATIONS = [
    (path, method, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]


def test_the_kept_document_is_what_the_app_makes() -> None:
    assert json.loads(KEPT.read_text("utf-8")) == DOCUMENT, "run: make openapi"


def test_the_document_is_openapi_3_1_and_all_its_references_lead_somewhere() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    schemas = DOCUMENT["components"]["schemas"]
    for reference in _references(DOCUMENT):
        assert reference.removeprefix("#/components/schemas/") in schemas


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_every_operation_is_documented(path: str, method: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    if path.startswith("/health/"):
        assert operation["security"] == []
        return
    if path.startswith("/v1/sign-in"):
        assert operation["security"] == []
        assert {"401", "422", "503"} <= operation["responses"].keys()
        return
    assert operation["security"] == [{"token": []}]
    assert {"401", "403", "422", "503"} <= operation["responses"].keys()
    for status, response in operation["responses"].items():
        if int(status) >= 400:
            assert list(response["content"]) == ["application/problem+json"]
    headers = {one["name"] for one in operation.get("parameters", []) if one["in"] == "header"}
    assert ("RFL-Purpose" in headers) == (path != "/v1/me")
    assert ("If-Match" in headers) == ("428" in operation["responses"])


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for _path, _method, operation in OPERATIONS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "shape",
    [
        request.NewCase,
        request.TracingRequest,
        registration.Registration,
        casework.Search,
        casework.Decision,
        casework.Erasure,
        casefile.Credibility,
        casefile.Screening,
        casefile.Acceptance,
        casefile.Note,
        casefile.Suspension,
        casefile.Closing,
        casefile.Reopening,
        casefile.Assignment,
        casefile.Leading,
        casefile.NewTalk,
        enquiry.NewEnquiry,
        enquiry.Turn,
        searching.NoteStep,
        searching.ActionStep,
        searching.LeadStep,
        searching.PersonStep,
        searching.MoveStep,
        searching.ScreeningStep,
        searching.ChildStep,
        searching.AnswerStep,
        searching.DeathStep,
        searching.ReunionStep,
        searching.Member,
        lists.Terms,
        office.Vetting,
        office.LinkedSubject,
        office.NewToken,
        signing_in.AcceptedInvitation,
        signing_in.PasswordProof,
        office.Reassignment,
        office.NewAccount,
        approvals.ApprovalRequest,
        messages.NewMessage,
        messages.Checked,
        messages.Rewritten,
        messages.Sending,
        messages.HandedOver,
        messages.Reply,
        messages.Failure,
        messages.NewCall,
        beside.NewTask,
        beside.TaskDone,
        beside.NewTransmission,
        beside.TransmissionMove,
        beside.Withdrawal,
        auditing.Subject,
        auditing.LogQuestion,
        auditing.StatementRequest,
        auditing.DisclosureQuestion,
        auditing.ReviewOrder,
        auditing.JudgementOrder,
        auditing.FamilyNames,
    ],
)
def test_the_examples_of_bodies_hold(shape: Any) -> None:
    examples = DOCUMENT["components"]["schemas"][shape.__name__]["examples"]
    assert examples
    for example in examples:
        TypeAdapter(shape).validate_python(example)


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        below = [found for value in part.values() for found in _references(value)]
        return [*below, part["$ref"]] if isinstance(part.get("$ref"), str) else below
    if isinstance(part, list):
        return [found for value in part for found in _references(value)]
    return []
