"""Notes, checkpoints and cosignatures are those of other implementations, byte for byte."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from rfl.audit import notes
from rfl.audit.notes import Checkpoint, Kind, Note, VerifierKey, parse_checkpoint, parse_note
from rfl.errors import MalformedFile

# The example of golang.org/x/mod/sumdb/note.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
PETER_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER_NOTE = (
    f"{PETER_TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2p"
    "ZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()

# A checkpoint of a public log with its signatures of other kinds and the lines of its witnesses.
PUBLIC = (
    "arche2025h1.staging.ct.transparency.dev\n"
    "1432088532\n"
    "U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n"
    "\n"
    "— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGR"
    "EPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=\n"
    "— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC"
    "3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=\n"
    "— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ"
    "2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==\n"
    "— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX"
    "9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==\n"
).encode()
PUBLIC_KEY = (
    "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
)
WITNESSES = [
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    "transparency.dev/DEV:witness-little-garden+d8042a87+"
    "BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
]
WITNESSED_AT = datetime.fromtimestamp(0x6A122120, UTC)

SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG = VerifierKey("north.example/log", Kind.NOTE, SECRET.public_key().public_bytes_raw())
WITNESS = replace(LOG, name="south.example/witness", kind=Kind.COSIGNATURE)
CHECKPOINT = Checkpoint("north.example/log", 1024, bytes(32))
NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def make_note() -> Note:
    return notes.signed(CHECKPOINT.to_text(), LOG, SECRET.sign)


def cosigned(note: Note, at: datetime = NOW) -> Note:
    return note.with_signature(notes.cosignature(note, WITNESS, at, SECRET.sign))


def test_the_published_note_is_signed_again_to_the_same_bytes() -> None:
    key, secret = notes.parse_key(PETER), Ed25519PrivateKey.from_private_bytes(PETER_SECRET)
    assert notes.signed(PETER_TEXT, key, secret.sign).to_bytes() == PETER_NOTE
    assert notes.signed_by(parse_note(PETER_NOTE), key)


def test_a_public_logs_checkpoint_verifies_with_its_witnesses() -> None:
    note = parse_note(PUBLIC)
    assert note.to_bytes() == PUBLIC
    assert notes.signed_by(note, notes.parse_key(PUBLIC_KEY))
    assert parse_checkpoint(note.text).size == 1_432_088_532
    for witness in WITNESSES:
        assert notes.cosigned_at(note, notes.parse_key(witness)) == WITNESSED_AT


@pytest.mark.parametrize("key", [PETER, PUBLIC_KEY, *WITNESSES])
def test_keys_are_written_as_they_were_read(key: str) -> None:
    assert notes.parse_key(key).to_text() == key


def test_a_cosignature_signs_the_lines_of_the_specification() -> None:
    note = Note(
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )
    seen: list[bytes] = []

    def sign(content: bytes) -> bytes:
        seen.append(content)
        return bytes(64)

    line = notes.cosignature(note, WITNESS, datetime.fromtimestamp(1_679_315_147, UTC), sign)
    assert seen == [b"cosignature/v1\ntime 1679315147\n" + note.text.encode()]
    assert line.value[:8].hex() == "00000000641850cb"


def test_a_note_is_read_as_it_was_written() -> None:
    note = cosigned(make_note())
    again = parse_note(note.to_bytes())
    assert again == note
    assert parse_checkpoint(again.text) == CHECKPOINT
    assert notes.signed_by(again, LOG)
    assert notes.cosigned_at(again, WITNESS) == NOW


def test_a_changed_text_or_another_key_is_not_signed() -> None:
    note = cosigned(make_note())
    other = replace(note, text=replace(CHECKPOINT, size=1025).to_text())
    assert not notes.signed_by(other, LOG)
    assert notes.cosigned_at(other, WITNESS) is None
    stranger = replace(LOG, public=bytes(32))
    assert not notes.signed_by(note, stranger)
    assert not notes.signed_by(note, replace(LOG, name="east.example/log"))
    assert notes.cosigned_at(note, replace(WITNESS, public=bytes(32))) is None


def test_one_kind_of_signature_does_not_pass_for_another() -> None:
    note = cosigned(make_note())
    assert notes.cosigned_at(note, LOG) is None
    assert not notes.signed_by(note, WITNESS)


def test_a_false_line_of_a_known_key_spoils_the_note() -> None:
    note = make_note()
    false = notes.Signature(LOG.name, LOG.id, bytes(64))
    assert not notes.signed_by(note.with_signature(false), LOG)
    unknown = notes.Signature(LOG.name, b"none", bytes(64))
    assert notes.signed_by(note.with_signature(unknown), LOG)


def test_the_latest_of_several_cosignatures_counts() -> None:
    later = NOW + timedelta(minutes=15)
    note = cosigned(cosigned(make_note(), later))
    assert notes.cosigned_at(note, WITNESS) == later
    assert cosigned(note) == note


def test_the_text_may_hold_empty_lines_but_a_checkpoint_may_not() -> None:
    note = notes.signed("one\n\ntwo\n", LOG, SECRET.sign)
    assert parse_note(note.to_bytes()) == note
    with pytest.raises(MalformedFile):
        parse_checkpoint(note.text)


SIGNED = make_note().to_bytes()
LINE = SIGNED.split(b"\n\n")[1].decode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"text\n",
        b"text\n\n",
        SIGNED[:-1],
        SIGNED + b"\n",
        SIGNED.replace(b"\n\n", b"\n"),
        SIGNED.replace(b"\n", b"\r\n"),
        SIGNED.replace(b"1024", b"1\x00024"),
        SIGNED.replace(b"1024", b"\xff"),
        SIGNED.replace("—".encode(), b"-"),
        SIGNED.replace(b" north", b"  north"),
        SIGNED.replace(b" north.", b" north+"),
        SIGNED.replace("— north.".encode(), "— north\u00a0".encode()),
        SIGNED.replace(b"=\n", b"==\n")[:-1] + b"=\n",
        SIGNED[:-2] + b"\n",
        b"text\n\n\xe2\x80\x94 name AAAAAA==\n",
        b"text\n\n\xe2\x80\x94 name AAAAAAB\n",
        b"text\n\n\xe2\x80\x94 name\n",
        b"text\n\n" + LINE.encode() * 65,
        b"x" * 70_000 + SIGNED,
    ],
)
def test_a_malformed_note_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedFile):
        parse_note(raw)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log\n1\n",
        "log\n1\n" + "A" * 43 + "=",
        "\n1\n" + "A" * 43 + "=\n",
        "log\n01\n" + "A" * 43 + "=\n",
        "log\n-1\n" + "A" * 43 + "=\n",
        "log\n+1\n" + "A" * 43 + "=\n",
        "log\n1 \n" + "A" * 43 + "=\n",
        "log\n١\n" + "A" * 43 + "=\n",
        "log\n" + "9" * 30 + "\n" + "A" * 43 + "=\n",
        "log\n1\n" + "A" * 42 + "B=\n",
        "log\n1\nAAAA\n",
        "log\n1\n" + "A" * 43 + "=\n\n",
        "log\n1\n" + "A" * 43 + "=\n\nmore\n",
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(MalformedFile):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("c74f20a3", "C74F20A3"),
        PETER + "=",
        PETER[:-4],
        PETER.replace("PeterNeumann", "Peter Neumann"),
        "name+00000000+",
        "name+00000000+AgAA",
    ],
)
def test_a_malformed_key_is_refused(text: str) -> None:
    with pytest.raises(MalformedFile):
        notes.parse_key(text)


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_a_note_or_one_error(raw: bytes) -> None:
    for content in (raw, SIGNED[:20] + raw, SIGNED + raw):
        try:
            note = parse_note(content)
        except MalformedFile:
            continue
        assert note.to_bytes() == content


@given(st.text(max_size=60))
def test_any_text_is_a_checkpoint_or_one_error(text: str) -> None:
    for content in (text, f"log\n{text}\n{'A' * 43}=\n", f"log\n1\n{'A' * 43}=\n{text}\n"):
        try:
            checkpoint = parse_checkpoint(content)
        except MalformedFile:
            continue
        assert checkpoint.to_text() == content
