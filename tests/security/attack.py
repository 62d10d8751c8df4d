"""What an attacker knows of a node: every operation of its OpenAPI, with ids and bodies to try."""

import re
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from httpx2 import Response

from rfl.app import openapi_document
from rfl.domain.ids import new_id
from tests.api.files import CSV, make_csv
from tests.api.test_attachments import JPEG

DOCUMENT = openapi_document()
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
ID = re.compile(r"\b([a-z]{3})_[0-9a-z]{26}\b")
ELSEWHERE = "ohrid"
"""A branch that none of the records under attack belongs to."""

_BYTES = {CSV: make_csv(("V-1", "Elena Petrova", "female", "1961")), "image/jpeg": JPEG}


def _known(body: dict[str, Any]) -> dict[str, Any]:
    """What was read before is sent back with the ids that it came with."""
    persons = {"enquirer", "person"} & body.keys()
    changed = {name: body[name] | {"id": new_id("per")} for name in persons}
    return body | changed


# Examples of what is kept are not yet what is sent back.
_COMPLETED: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "change_request": _known,
    "change_registration": _known,
    "review_log": lambda _body: {},
}


@dataclass(frozen=True)
class Operation:
    """One method of one address, as the OpenAPI document tells everybody."""

    method: str
    path: str
    described: dict[str, Any]

    @property
    def name(self) -> str:
        """The operation's name."""
        return str(self.described["operationId"])

    @property
    def is_open(self) -> bool:
        """True if anybody may call it."""
        return self.described["security"] == []

    def headers(self) -> dict[str, str]:
        """The headers that it wants beside token and purpose, with a value of their form."""
        wanted = {one["name"] for one in self.described.get("parameters", ())}
        return {"If-Match": '"1"'} if "If-Match" in wanted else {}

    def address(self) -> str:
        """An address with ids that no record has."""
        path = self.path.replace("{name}", "branch")
        for one in self.described.get("parameters", ()):
            form = one["schema"].get("pattern", "")
            if one["in"] == "path" and form:
                path = path.replace(f"{{{one['name']}}}", new_id(form[1:4]))
        assert "{" not in path, f"{self.path}: the document says no form for an id"
        return path

    def bodies(self) -> list[dict[str, Any]]:
        """Every example of its JSON body, or none if it takes none."""
        content = self.described.get("requestBody", {}).get("content", {})
        shapes = content.get("application/json", {}).get("schema", {})
        return [example for one in _shapes(shapes) for example in one["examples"]]

    def options(self) -> dict[str, Any]:
        """A body as the client sends it: the first example, or a small file."""
        content = self.described.get("requestBody", {}).get("content", {})
        if bodies := self.bodies():
            return {"json": _COMPLETED.get(self.name, dict)(bodies[0])}
        for media in content.keys() & _BYTES.keys():
            return {"content": _BYTES[media], "headers": {"Content-Type": media}}
        return {}


def operations() -> Iterator[Operation]:
    """Every operation that the document lists."""
    for path, methods in DOCUMENT["paths"].items():
        for method, described in methods.items():
            yield Operation(method.upper(), path, described)


OPERATIONS = list(operations())
CLOSED = [one for one in OPERATIONS if not one.is_open]


def said(answer: Response, known: AbstractSet[str]) -> tuple[int, dict[str, str], str]:
    """All that an answer tells: ids that it made itself, as its request's, look alike."""
    headers = dict(answer.headers)
    del headers["rfl-request-id"]
    text = ID.sub(lambda found: found[0] if found[0] in known else "new", answer.text)
    return answer.status_code, headers | {"location": ""}, text


def ids_in(text: str) -> set[str]:
    """Every id that stands in a text."""
    return {found[0] for found in ID.finditer(text)}


def with_other_ids(text: str) -> str:
    """The same text, each id replaced by one of its kind that no record has."""
    others: dict[str, str] = {}
    return ID.sub(lambda found: others.setdefault(found[0], new_id(found[1])), text)


def _shapes(schema: dict[str, Any]) -> list[dict[str, Any]]:
    parts = schema.get("oneOf") or ([schema] if schema else [])
    return [SCHEMAS[one["$ref"].rpartition("/")[2]] for one in parts]
