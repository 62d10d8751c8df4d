"""The format of a log entry is final: these bytes must never change."""

from datetime import UTC, datetime

import msgspec
import pytest

from rfl.domain.entry import Decision, Entry, from_bytes, written_time

FIXED = Entry(
    id="ent_00000000000000000000000000",
    at="2026-03-01T09:00:00.000000Z",
    actor="acc_00000000000000000000000000",
    role="tracing_officer",
    session="tok_00000000000000000000000000",
    client="http",
    action="case.read",
    purpose="tracing",
    objects=("log_00000000000000000000000000",),
    count=1,
    groups=("identity", "contact"),
    policy="foundation-1",
    request="req_00000000000000000000000000",
    salt="AAAAAAAAAAAAAAAAAAAAAA==",
)
BYTES = (
    b'{"v":1,"id":"ent_00000000000000000000000000","at":"2026-03-01T09:00:00.000000Z",'
    b'"actor":"acc_00000000000000000000000000","role":"tracing_officer",'
    b'"session":"tok_00000000000000000000000000","client":"http","action":"case.read",'
    b'"purpose":"tracing","basis":null,"objects":["log_00000000000000000000000000"],"count":1,'
    b'"groups":["identity","contact"],"decision":"allowed","reason":null,"policy":"foundation-1",'
    b'"request":"req_00000000000000000000000000","peer":null,"salt":"AAAAAAAAAAAAAAAAAAAAAA=="}'
)


def test_an_entry_has_these_bytes_and_no_others() -> None:
    assert FIXED.to_bytes() == BYTES
    assert from_bytes(BYTES) == FIXED


def test_an_entry_of_a_later_format_can_still_be_read() -> None:
    later = BYTES.replace(b'{"v":1,', b'{"v":2,"new":[1],')
    assert from_bytes(later).v == 2


@pytest.mark.parametrize(
    "broken", [b"", b"{}", BYTES[:-1], BYTES.replace(b'"count":1', b'"count":"x"')]
)
def test_broken_bytes_are_refused(broken: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        from_bytes(broken)


def test_two_entries_of_the_same_fields_differ_by_id_and_salt() -> None:
    fields = {"at": "x", "actor": "a", "role": "r", "client": "c", "action": "a", "policy": "p"}
    one, two = (Entry(**fields, decision=Decision.DENIED) for _ in range(2))
    assert one.id != two.id
    assert one.salt != two.salt


def test_times_have_microseconds_and_z() -> None:
    moment = datetime(2026, 3, 1, 9, 0, 0, 5, tzinfo=UTC)
    assert written_time(moment) == "2026-03-01T09:00:00.000005Z"
