"""What the OpenAPI document says beside the shapes: problems, headers, uploads."""

from collections.abc import Iterable
from typing import Any

from pydantic import ConfigDict

from rfl.api.problems import MEDIA_TYPE, STATUSES
from rfl.api.schemas.base import Strict
from rfl.domain.purpose import Purpose

COMMON = (
    "not-signed-in",
    "purpose-missing",
    "forbidden",
    "invalid-input",
    "too-many-calls",
    "storage-busy",
    "internal",
)
_VERSIONED = (
    "Made",
    "CaseAnswer",
    "TracingRequest",
    "RegistrationAnswer",
    "ListAnswer",
    "Match",
    "CaseFile",
    "EnquiryAnswer",
    "JournalAnswer",
    "FindingAnswer",
    "ApprovalAnswer",
    "DisclosureAnswer",
    "MessageAnswer",
    "TaskAnswer",
    "TransmissionAnswer",
    "DeliveryAnswer",
)
_OPEN = ("/health/", "/v1/sign-in")
# What the ids of an address begin with, by the name that they have there.
_IDS = {
    "account": "acc",
    "alarm": "alm",
    "approval": "apr",
    "attachment": "att",
    "call": "cal",
    "case": "cas",
    "disclosure": "dsc",
    "enquiry": "enq",
    "finding": "fnd",
    "glass": "brk",
    "handover": "hnd",
    "list": "lst",
    "log": "log",
    "match": "mat",
    "message": "msg",
    "recall": "rcl",
    "received": "rcv",
    "registration": "reg",
    "task": "tsk",
    "token": "tok",
    "transmission": "trm",
}
_TOKEN = "token"  # noqa: S105 (the name of a scheme, no secret)


class BrokenRule(Strict):
    """A field and the rule that it breaks; never its value."""

    field: str
    rule: str


class Problem(Strict):
    """A failure (RFC 9457). `instance` ends in the request's id, as `RFL-Request-Id` gives it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:rfl:problem:invalid-input",
                    "title": "Invalid input",
                    "status": 422,
                    "code": "invalid-input",
                    "detail": "must contain at least one visible character",
                    "field": "sought[0].person.names[0].text",
                    "errors": [
                        {
                            "field": "sought[0].person.names[0].text",
                            "rule": "must contain at least one visible character",
                        }
                    ],
                    "instance": "urn:rfl:request:req_vw181tbfwhbmsf3rh0dbhkty14",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    field: str | None = None
    errors: list[BrokenRule] | None = None


def problems(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Return the answers that a route may give for these codes and the common ones."""
    titles: dict[int, list[str]] = {}
    for code in (*COMMON, *codes):
        status, title = STATUSES[code]
        titles.setdefault(status, []).append(f"{title} (`{code}`)")
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {MEDIA_TYPE: {"schema": schema}}
    return {
        status: {"description": "; ".join(named), "content": content}
        for status, named in sorted(titles.items())
    }


def needs(*headers: dict[str, Any], body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what a closed route needs: its purpose, these headers, and a body that is no JSON."""
    extra: dict[str, Any] = {"parameters": [PURPOSE, *headers]}
    return extra if body is None else extra | {"requestBody": body}


def upload(media_types: Iterable[str]) -> dict[str, Any]:
    """Return the description of a file as the whole body."""
    schema = {"schema": {"type": "string", "format": "binary"}}
    plain = (media for media in media_types if ";" not in media)
    return {"required": True, "content": dict.fromkeys(plain, schema)}


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Add what FastAPI does not know: the token, problems, and which routes are open."""
    schemas = document["components"]["schemas"]
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs") | {"Problem": problem}
    scheme = {"type": "http", "scheme": "bearer", "description": "A token from `rfl init`."}
    document["components"]["securitySchemes"] = {_TOKEN: scheme}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _add_forms(operation.get("parameters", ()))
            operation["security"] = [] if path.startswith(_OPEN) else [{_TOKEN: []}]
            for status in operation["responses"].keys() & {"200", "201"}:
                _add_etag(operation["responses"][status])
    return document


def _add_forms(parameters: Iterable[dict[str, Any]]) -> None:
    """Say of which form the ids in an address are."""
    for one in parameters:
        kind = _IDS.get(one["name"].removesuffix("_id"))
        if one["in"] == "path" and kind is not None:
            one["schema"]["pattern"] = f"^{kind}_[0-9a-z]{{26}}$"


def _add_etag(response: dict[str, Any]) -> None:
    shape = response["content"].get("application/json", {"schema": {}})
    schema = shape["schema"].get("$ref", "")
    if schema.rpartition("/")[2] in _VERSIONED:
        described = {"description": "The version, for If-Match.", "schema": {"type": "string"}}
        response["headers"] = {"ETag": described}


def _header(name: str, description: str, **schema: object) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": schema.pop("required", True),
        "description": description,
        "schema": {"type": "string"} | schema,
    }


PURPOSE = _header("RFL-Purpose", "Why the data is opened or sent.", enum=[*Purpose])
IF_MATCH = _header(
    "If-Match",
    "The ETag of the version that was read.",
    pattern='^"[0-9]{1,9}"$',
    examples=['"1"'],
)
APPROVAL = _header(
    "RFL-Approval",
    "The id of a second officer's approval of exactly this request (`/v1/approvals`).",
    pattern="^apr_[0-9a-z]{26}$",
)
LANGUAGE = _header(
    "Accept-Language",
    "The language of sentences: en, fr, es, ar, ru or mk; en if it is none of them.",
    required=False,
    maxLength=200,
    examples=["mk, ru;q=0.5"],
)
REPEAT = _header(
    "Idempotency-Key",
    "A key of your own: the same call again within 24 hours gives the same record.",
    required=False,
    pattern="^[!-~]{8,200}$",
)
