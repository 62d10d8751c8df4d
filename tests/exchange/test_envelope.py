"""The envelope (conformance group C2): what is wrong with one is found, and is one error."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfl.crypto.hpke import Suite
from rfl.errors import BadEnvelope, TooLarge
from rfl.exchange.encoding import to_bytes, to_text
from rfl.exchange.envelope import (
    Envelope,
    open_letter,
    parse_envelope,
    seal_letter,
    signing_keys,
    verify_outer,
)
from rfl.exchange.sizes import CLASSES
from tests.exchange.letters import (
    BELGRADE,
    SKOPJE,
    SOFIA,
    Society,
    make_envelope,
    make_header,
    make_letter,
)


def taken(raw: bytes, sender: Society = SKOPJE, recipient: Society = BELGRADE) -> object:
    """Read an envelope as a recipient does: form, outer signature, then the letter."""
    envelope = parse_envelope(raw)
    verify_outer(envelope, f"{sender.code}-1", sender.public)
    return open_letter(envelope, recipient.opening[envelope.header.suite], sender.public)


def edited(raw: bytes, **members: object) -> bytes:
    return json.dumps(json.loads(raw) | members).encode()


def with_header(raw: bytes, **members: object) -> bytes:
    wire = json.loads(raw)
    header = json.loads(to_bytes(wire["p"])) | members
    return edited(raw, p=to_text(json.dumps(header).encode()))


@pytest.mark.parametrize("suite", list(Suite))
@given(text=st.text(max_size=200))
@settings(max_examples=25)
def test_a_letter_arrives_as_it_was_written(suite: Suite, text: str) -> None:
    letter = taken(make_envelope(suite=suite, text=text).body)
    assert letter == make_letter(text)


def test_the_header_arrives_as_it_was_written() -> None:
    header = make_header()
    sealed = seal_letter(
        header,
        make_letter(),
        signer=SKOPJE.signer,
        recipient_key=BELGRADE.opening[Suite.S2].public(),
    )
    assert parse_envelope(sealed.body).header == header
    assert parse_envelope(sealed.body).digest == sealed.digest
    assert signing_keys(sealed) == ("skopje-1",)


def test_common_letters_have_one_size() -> None:
    sizes = {len(make_envelope(text="x" * length).body) for length in (0, 1, 500, 15_000)}
    assert len(sizes) == 1


def test_a_large_letter_has_the_size_of_its_class() -> None:
    small, large = make_envelope(text=""), make_envelope(text="x" * 17_000)
    assert len(large.body) - len(small.body) == (CLASSES[1] - CLASSES[0]) * 4 // 3


def test_a_letter_over_the_largest_class_is_refused_when_it_is_sealed() -> None:
    with pytest.raises(TooLarge):
        make_envelope(text="x" * CLASSES[-1])


def test_nothing_of_the_letter_stands_outside() -> None:
    envelope = make_envelope(text="canary-7f3a")
    wire = json.loads(envelope.body)
    readable = to_bytes(wire["p"]) + to_bytes(wire["c"]) + envelope.body
    for word in (b"canary-7f3a", b"ping", b"tracing"):
        assert word not in readable
    assert "canary" not in repr(envelope)
    assert "canary" not in repr(taken(envelope.body))


HEADER_EDITS: list[dict[str, Any]] = [
    {"id": make_header().id},
    {"to": "sofia"},
    {"from": "sofia"},
    {"stream": 4},
    {"epoch": 2},
    {"seq": 2},
    {"prev": to_text(b"\x01" * 32)},
    {"exercise": True},
    {"expires_at": 1_900_000_000},
    {"kid_enc": "belgrade-other"},
    {"new": "member"},
]


@pytest.mark.parametrize("members", HEADER_EDITS)
def test_an_edited_header_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(BadEnvelope):
        taken(with_header(make_envelope().body, **members))


BAD_HEADERS: list[dict[str, Any]] = [
    {"v": 2},
    {"typ": "rfl-other"},
    {"id": "env_short"},
    {"id": "cas_" + "0" * 26},
    {"from": "Skopje"},
    {"to": "skopje"},
    {"suite": "S0"},
    {"suite": "S3"},
    {"stream": -1},
    {"stream": 9},
    {"stream": True},
    {"epoch": 0},
    {"seq": 0},
    {"seq": 1.5},
    {"seq": 2**53},
    {"prev": ""},
    {"prev": "*" * 43},
    {"iat": -1},
    {"expires_at": 1},
    {"exercise": "no"},
    {"crit": ["tomorrow"]},
    {"crit": "tomorrow"},
    {"kid_enc": ""},
    {"kid_enc": "x" * 65},
    {"padding": "x" * 3_000},
]


@pytest.mark.parametrize("members", BAD_HEADERS)
def test_a_header_that_breaks_a_rule_is_refused_before_any_key_is_used(
    members: dict[str, Any],
) -> None:
    with pytest.raises(BadEnvelope):
        parse_envelope(with_header(make_envelope().body, **members))


def test_a_member_that_nobody_marked_critical_is_ignored() -> None:
    assert parse_envelope(with_header(make_envelope().body, tomorrow=1)).header.seq == 1


def test_a_member_twice_is_refused() -> None:
    raw = make_envelope().body
    twice = raw.replace(b'{"p":', b'{"p":"","p":', 1)
    with pytest.raises(BadEnvelope):
        parse_envelope(twice)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{}", b"[]", b"null", b"\xff", b'{"p":"","c":"","s":[]}', b"[" * 100_000, b'{"p":NaN}'],
)
def test_what_is_no_envelope_is_refused(raw: bytes) -> None:
    with pytest.raises(BadEnvelope):
        parse_envelope(raw)


def test_another_society_cannot_have_signed_it() -> None:
    with pytest.raises(BadEnvelope):
        taken(make_envelope(SOFIA).body)


def test_a_changed_ciphertext_is_found_outside_and_inside() -> None:
    envelope = make_envelope()
    wire = json.loads(envelope.body)
    raw = bytearray(to_bytes(wire["c"]))
    raw[-1] ^= 1
    changed = parse_envelope(edited(envelope.body, c=to_text(bytes(raw))))
    with pytest.raises(BadEnvelope):
        verify_outer(changed, "skopje-1", SKOPJE.public)
    with pytest.raises(BadEnvelope):
        open_letter(changed, BELGRADE.opening[Suite.S2], SKOPJE.public)


def test_a_truncated_envelope_is_refused() -> None:
    raw = make_envelope().body
    for length in (len(raw) - 1, len(raw) // 2, 10):
        with pytest.raises(BadEnvelope):
            taken(raw[:length])


def test_another_society_cannot_open_it() -> None:
    with pytest.raises(BadEnvelope):
        taken(make_envelope().body, recipient=SOFIA)


def test_a_letter_sealed_anew_for_another_does_not_verify_there() -> None:
    """Belgrade opens Skopje's letter and seals it to Sofia under a header that names Skopje."""
    original = make_envelope(SKOPJE, BELGRADE)
    letter = taken(original.body)
    assert letter == make_letter()
    forwarded = seal_letter(
        make_header(SKOPJE, SOFIA),
        make_letter(),
        signer=BELGRADE.signer,
        recipient_key=SOFIA.opening[Suite.S2].public(),
    )
    assert isinstance(forwarded, Envelope)
    with pytest.raises(BadEnvelope):
        open_letter(forwarded, SOFIA.opening[Suite.S2], SKOPJE.public)


def test_the_outer_signature_cannot_be_replaced_by_the_hosts() -> None:
    """A host that signs another's envelope itself is named by its own key, which is not trusted."""
    raw = make_envelope().body
    wire = json.loads(raw)
    mallory = Society("mallory")
    line = wire["s"][0] | {"sig": to_text(mallory.private.sign(b"rfl-outer-v1\x00"))}
    with pytest.raises(BadEnvelope):
        taken(edited(raw, s=[line]))


def test_a_key_of_the_other_suite_does_not_open() -> None:
    envelope = make_envelope(suite=Suite.S1)
    with pytest.raises(BadEnvelope):
        open_letter(envelope, BELGRADE.opening[Suite.S2], SKOPJE.public)


def the_plain_way(text: str) -> bytes | None:
    """Read it, write it again, and take it only if that is the same text."""
    try:
        padded = text + "=" * (-len(text) % 4)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
    except ValueError:
        return None
    return raw if to_text(raw) == text else None


@given(st.text("ABcdwQgx01-_+/= \né", max_size=9))
@settings(max_examples=400, deadline=None)
def test_base64url_is_taken_in_its_canonical_spelling_alone(text: str) -> None:
    expected = the_plain_way(text)
    if expected is not None:
        assert to_bytes(text) == expected
        return
    with pytest.raises(BadEnvelope):
        to_bytes(text)
