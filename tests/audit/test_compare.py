"""Two sides of an exchange, compared by envelopes and receipts."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfl.audit.compare import Difference, Passed, compare, read_side
from rfl.errors import MalformedFile

DIGEST = "ab" * 32


def make_line(**changes: Any) -> dict[str, Any]:
    """An envelope that was sent and processed."""
    line = {"id": "env1", "direction": "sent", "digest": DIGEST, "receipt": "processed"}
    return line | {"at": "2026-03-01T09:00:00Z"} | changes


def read(*lines: dict[str, Any]) -> dict[tuple[str, str], Passed]:
    return read_side(io.BytesIO(b"".join(json.dumps(line).encode() + b"\n" for line in lines)))


CASES: list[tuple[dict[str, Any] | None, dict[str, Any] | None, list[Difference]]] = [
    ({}, {}, []),
    ({"receipt": None}, {"receipt": None}, []),
    ({"receipt": "rejected"}, {"receipt": "rejected"}, []),
    ({"receipt": None}, None, [Difference.NEVER_ARRIVED]),
    ({}, None, [Difference.RECEIPT_UNFOUNDED]),
    (None, {}, [Difference.NEVER_SENT]),
    ({}, {"digest": "cd" * 32}, [Difference.OTHER_BYTES]),
    ({"receipt": None}, {}, [Difference.RECEIPT_LOST]),
    ({}, {"receipt": None}, [Difference.RECEIPT_UNFOUNDED]),
    ({"receipt": "parked"}, {}, [Difference.RECEIPT_DIFFERS]),
    ({}, {"at": "2026-03-01T08:59:00Z"}, []),
    ({}, {"at": "2026-03-01T08:50:00Z"}, [Difference.BEFORE_SENDING]),
    ({}, {"at": "2026-03-01T10:00:00+01:00"}, []),
    ({}, {"at": "2026-03-05T09:00:00Z"}, []),
]


@pytest.mark.parametrize(("sent", "received", "expected"), CASES)
@pytest.mark.parametrize("sender", ["A", "B"])
def test_what_one_side_has_and_the_other_lacks_is_named(
    sent: dict[str, Any] | None,
    received: dict[str, Any] | None,
    expected: list[Difference],
    sender: str,
) -> None:
    out = read() if sent is None else read(make_line(**sent))
    into = read() if received is None else read(make_line(direction="received", **received))
    found = compare(out, into) if sender == "A" else compare(into, out)
    assert [one.difference for one in found] == expected
    assert {one.sender for one in found} <= {sender}
    assert {one.envelope for one in found} <= {"env1"}


def test_both_directions_are_compared_and_one_id_may_go_each_way() -> None:
    a = read(make_line(), make_line(direction="received"), make_line(id="lost", receipt=None))
    b = read(make_line(), make_line(direction="received"), make_line(id="x", receipt=None))
    found = compare(a, b)
    assert [(one.sender, one.envelope) for one in found] == [("A", "lost"), ("B", "x")]
    assert (found[0].sender_has, found[0].receiver_has) == ("no receipt", None)


lines = st.lists(
    st.builds(
        make_line,
        id=st.sampled_from(["e1", "e2", "e3"]),
        direction=st.sampled_from(["sent", "received"]),
        receipt=st.sampled_from([None, "processed", "parked"]),
        digest=st.sampled_from([DIGEST, "cd" * 32]),
    ),
    unique_by=lambda line: (line["id"], line["direction"]),
)


@given(lines, lines)
def test_the_order_of_lines_does_not_matter_and_the_sides_may_be_swapped(
    first: list[dict[str, Any]], second: list[dict[str, Any]]
) -> None:
    found = compare(read(*first), read(*second))
    assert compare(read(*first[::-1]), read(*second[::-1])) == found
    swapped = compare(read(*second), read(*first))
    assert {(one.envelope, one.difference) for one in swapped} == {
        (one.envelope, one.difference) for one in found
    }
    mirrored = [line | {"direction": _other(line["direction"])} for line in first]
    assert compare(read(*first), read(*mirrored)) == []


def _other(direction: str) -> str:
    return {"sent": "received", "received": "sent"}[direction]


WRONG = [
    b"not json\n",
    b"[]\n",
    b"\xff\n",
    json.dumps(make_line(name="Zahra")).encode(),
    json.dumps(make_line(digest="short")).encode(),
    json.dumps(make_line(digest="zz" * 32)).encode(),
    json.dumps(make_line(receipt="perhaps")).encode(),
    json.dumps(make_line(direction="away")).encode(),
    json.dumps(make_line(at="2026-03-01T09:00:00")).encode(),
    json.dumps(make_line(id="")).encode(),
    json.dumps(make_line(id="x" * 5_000)).encode(),
    (json.dumps(make_line()) + "\n" + json.dumps(make_line())).encode(),
]


@pytest.mark.parametrize("content", WRONG)
def test_a_file_of_another_form_is_refused_by_its_line_and_without_its_words(
    content: bytes,
) -> None:
    with pytest.raises(MalformedFile) as refused:
        read_side(io.BytesIO(content))
    assert "Line" in str(refused.value)
    assert "Zahra" not in str(refused.value)
