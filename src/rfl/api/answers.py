"""Answers as JSON bytes, made once from the flow's own types."""

from datetime import UTC, datetime, timedelta

import msgspec
from starlette.responses import Response

_ENCODER = msgspec.json.Encoder(order="deterministic")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def answer(
    content: object, status: int = 200, *, version: int | None = None, language: str | None = None
) -> Response:
    """Return an answer; `version` becomes its ETag, `language` is that of its sentences."""
    headers = {"ETag": f'"{version}"'} if version is not None else {}
    if language is not None:
        headers |= {"Content-Language": language, "Vary": "Accept-Language"}
    return Response(_ENCODER.encode(content), status, headers, "application/json")


def created(address: str, record: str, version: int = 1) -> Response:
    """Return 201 with the new record's id, version and address."""
    made = answer({"id": record, "version": version}, 201, version=version)
    made.headers["Location"] = address
    return made


def changed(record: str, version: int) -> Response:
    """Return the version that a record has now."""
    return answer({"id": record, "version": version}, version=version)


def nothing() -> Response:
    """Return 204: it is done, and there is nothing to say."""
    return Response(status_code=204)


def moment(micros: int | None) -> str | None:
    """Return RFC 3339 with Z for microseconds since 1970."""
    if micros is None:
        return None
    return (_EPOCH + timedelta(microseconds=micros)).isoformat().replace("+00:00", "Z")
