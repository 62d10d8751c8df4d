"""One call over HTTP: headers, problems, and a second try where that cannot do harm."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from rfl.client.problems import UNREACHABLE, ClientProblem
from rfl.domain.purpose import Purpose

TRIES = 4
PAUSE_SECONDS = 0.2
_PASSING = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class Sent:
    """What a call sends besides its address. `safe`: once more has the effect of once."""

    purpose: Purpose | None = None
    json: object = None
    content: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str | int] = field(default_factory=dict)
    safe: bool = False


class Transport:
    """Calls one node with one token."""

    def __init__(
        self,
        base_url: str,
        token: str | None,
        *,
        language: str = "en",
        timeout: float = 30.0,
        pause: Callable[[float], None] = time.sleep,
        through: httpx2.BaseTransport | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers["Accept-Language"] = language
        self._http = httpx2.Client(
            base_url=base_url, headers=headers, timeout=timeout, transport=through
        )
        self._pause = pause

    def call(self, method: str, path: str, sent: Sent) -> httpx2.Response:
        """Return an answer below 400, or raise ClientProblem."""
        tries = TRIES if sent.safe else 1
        for number in range(1, tries + 1):
            try:
                answer = self._once(method, path, sent)
            except httpx2.TransportError as cause:
                if number == tries:
                    rule = "The node cannot be reached."
                    raise ClientProblem(UNREACHABLE, rule) from cause
            else:
                if answer.status_code not in _PASSING or number == tries:
                    break
            self._pause(PAUSE_SECONDS * 2 ** (number - 1))
        if answer.status_code >= 400:
            raise _problem(answer)
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _once(self, method: str, path: str, sent: Sent) -> httpx2.Response:
        headers = dict(sent.headers)
        if sent.purpose is not None:
            headers["RFL-Purpose"] = sent.purpose.value
        return self._http.request(
            method, path, headers=headers, params=dict(sent.query), **_body(sent)
        )


def _body(sent: Sent) -> dict[str, Any]:
    if sent.content is not None:
        return {"content": sent.content}
    return {} if sent.json is None else {"json": sent.json}


def _problem(answer: httpx2.Response) -> ClientProblem:
    try:
        content = answer.json()
        code, rule = str(content["code"]), str(content["detail"])
        field_name = content.get("field")
    except (ValueError, KeyError, TypeError, AttributeError):
        return ClientProblem(
            "internal", "The answer is not one of a node.", status=answer.status_code
        )
    return ClientProblem(code, rule, field=field_name, status=answer.status_code)
