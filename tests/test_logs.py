"""What operators read: one JSON object a line, whatever went wrong."""

import json
import logging
import sys

import pytest

from rfl.logs import JsonLines


def made(exc_info: object) -> dict[str, object]:
    record = logging.LogRecord("rfl", logging.ERROR, "file", 1, "it failed", (), exc_info)
    return json.loads(JsonLines().format(record))


@pytest.mark.parametrize("none", [None, False, (None, None, None)])
def test_a_line_without_an_exception_says_what_happened_alone(none: object) -> None:
    line = made(none)
    assert line["event"] == "it failed"
    assert "exception" not in line


def test_an_exception_is_its_type_and_its_places_never_its_text() -> None:
    try:
        raise ValueError("Elena")
    except ValueError:
        line = made(sys.exc_info())
    assert line["exception"] == "ValueError"
    assert "Elena" not in json.dumps(line)
