"""docs/vectors: made by a script, and enough for an implementation that has nothing of ours."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rfl.crypto.hpke import Suite
from rfl.errors import BadEnvelope
from rfl.exchange import batch
from rfl.exchange import heads as stream_heads
from rfl.exchange.envelope import open_letter, parse_envelope, verify_outer
from rfl.exchange.post import next_tick
from tests.exchange import independent
from tests.exchange.independent import OpeningKey, Refused
from tests.exchange.letters import BELGRADE, SKOPJE, make_envelope
from tools import vectors

FOLDER = Path(__file__).parents[2] / "docs" / "vectors"


def vector(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


KEYS = vector("keys")["societies"]
SEALED = vector("envelopes")["sealed"]


def public(code: str, name: str = "signing") -> bytes:
    return bytes.fromhex(KEYS[code][name]["public"])


def opening(suite: str) -> OpeningKey:
    return OpeningKey(suite, bytes.fromhex(KEYS["beta"][suite]["seed"]))


def suite_of(sealed: Any) -> str:
    return str(json.loads(sealed["header"])["suite"])


def test_the_files_are_what_the_script_makes() -> None:
    made = vectors.made()
    assert {file.name for file in FOLDER.glob("*.json")} == set(made)
    for name, content in made.items():
        assert (FOLDER / name).read_text("utf-8") == content, name


def test_the_second_implementation_has_nothing_of_the_first() -> None:
    tree = ast.parse(Path(independent.__file__).read_text("utf-8"))
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    allowed = {"base64", "hashlib", "hmac", "json", "re", "dataclasses", "typing"}
    assert {name.split(".")[0] for name in imported} <= allowed | {"cryptography", "pyhpke"}


@pytest.mark.parametrize("code", ["alpha", "beta"])
def test_public_keys_follow_from_their_seeds(code: str) -> None:
    for name, key in KEYS[code].items():
        seed = bytes.fromhex(key["seed"])
        if name in ("signing", "hop"):
            found = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        else:
            found = OpeningKey(name, seed).public()
        assert found.hex() == key["public"]


@pytest.mark.parametrize("sealed", SEALED, ids=lambda one: one["name"])
def test_an_envelope_is_read_by_the_second_implementation(sealed: Any) -> None:
    suite = suite_of(sealed)
    body = sealed["body"].encode()
    header, letter = independent.read(body, opening(suite), public("alpha"))
    assert header == json.loads(sealed["header"])
    assert letter == json.loads(sealed["letter"])


def test_the_second_envelope_follows_the_first() -> None:
    first, second = SEALED
    prev = independent.raw(json.loads(second["header"])["prev"])
    assert prev.hex() == first["digest"]
    assert {suite_of(one) for one in SEALED} == {"S1", "S2"}
    assert len(first["enc"]) // 2 == 1_120


@pytest.mark.parametrize("sealed", SEALED, ids=lambda one: one["name"])
def test_an_envelope_is_written_byte_for_byte_by_the_second_implementation(sealed: Any) -> None:
    """With what was drawn by lot given, every other byte follows from the document."""
    enc, secret = bytes.fromhex(sealed["enc"]), bytes.fromhex(sealed["shared_secret"])
    suite = suite_of(sealed)
    if suite == "S2":
        assert opening(suite).shared(enc) == secret

    def seal(info: bytes, content: bytes) -> bytes:
        assert info.hex() == sealed["info"]
        key, nonce = bytes.fromhex(sealed["key"]), bytes.fromhex(sealed["nonce"])
        if suite == "S2":
            assert independent.s2_schedule(secret, info) == (key, nonce)
        return enc + AESGCM(key).encrypt(nonce, content, b"")

    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(KEYS["alpha"]["signing"]["seed"]))
    kid = KEYS["alpha"]["signing"]["kid"]
    body = independent.write(sealed["header"], sealed["letter"], private, kid, seal)
    assert body.decode() == sealed["body"]


@pytest.mark.parametrize("wrong", vector("envelopes")["refused"], ids=lambda one: one["member"])
def test_one_other_character_anywhere_is_refused_by_both(wrong: Any) -> None:
    [sealed] = [one for one in SEALED if one["name"] == wrong["of"]]
    wire = json.loads(sealed["body"])
    holder = wire["s"][0] if wrong["member"] == "s" else wire
    name = "sig" if wrong["member"] == "s" else wrong["member"]
    letter = "A" if holder[name][wrong["at"]] != "A" else "B"
    holder[name] = holder[name][: wrong["at"]] + letter + holder[name][wrong["at"] + 1 :]
    body = json.dumps(wire, separators=(",", ":")).encode()
    with pytest.raises(Refused):
        independent.read(body, opening("S2"), public("alpha"))
    with pytest.raises(BadEnvelope):
        read_by_our_node(body)


def read_by_our_node(body: bytes) -> None:
    verify_outer(parse_envelope(body), KEYS["alpha"]["signing"]["kid"], public("alpha"))


def test_descriptors_and_the_digits_that_people_compare() -> None:
    for one in vector("descriptors"):
        document = independent.descriptor(one["published"].encode())
        assert document == json.loads(one["document"])
        assert independent.fingerprint(document) == one["fingerprint"]
        changed = one["published"].replace('"sig":"', '"sig":"A', 1)
        with pytest.raises(Refused):
            independent.descriptor(changed.encode())


def test_receipts_verify_and_name_the_exact_bytes() -> None:
    keys = {KEYS["beta"]["signing"]["kid"]: public("beta")}
    found = vector("receipts")
    for one in found:
        document = independent.signed_document("rfl-receipt-v1", one["receipt"].encode(), keys)
        assert document["status"] == one["status"]
        assert independent.raw(document["digest"]).hex() == SEALED[0]["digest"]
        with pytest.raises(Refused):
            independent.signed_document("rfl-descriptor-v1", one["receipt"].encode(), keys)
    assert {one["status"] for one in found} == {"processed", "parked", "rejected", "expired"}


@pytest.mark.parametrize("case", vector("hop"), ids=lambda one: one["name"])
def test_calls_and_answers_are_signed_over_these_bases(case: Any) -> None:
    if "request_base" in case:
        base = independent.require_hop(case["request"], None, public("alpha", "hop"))
        assert base == case["request_base"]
        changed = case["request"] | {"method": "PUT"}
        with pytest.raises(Refused):
            independent.require_hop(changed, None, public("alpha", "hop"))
    base = independent.require_hop(case["answer"], case["request"], public("beta", "hop"))
    assert base == case["answer_base"]
    changed = case["answer"] | {"status": 299}
    with pytest.raises(Refused):
        independent.require_hop(changed, case["request"], public("beta", "hop"))


def test_sizes_batches_heads_and_ticks() -> None:
    found = vector("sizes")
    assert tuple(found["classes"]) == independent.CLASSES
    for one in found["filled"]:
        content = bytes(one["content"])
        assert len(independent.filled(content)) == one["size"]
        assert independent.unfilled(independent.filled(content)) == content
    begins = independent.filled(bytes.fromhex(found["example"]["content"]))[:8]
    assert begins.hex() == found["example"]["begins"]
    lines = vector("batches")
    assert lines["request"].splitlines() == lines["envelopes"]
    answers = [json.loads(line) for line in lines["answer"].splitlines()]
    receipts = [one.get("receipt") and independent.raw(one["receipt"]) for one in answers]
    assert receipts == [one and one.encode() for one in lines["receipts"]]
    assert [one.get("problem") for one in answers] == lines["problems"]
    assert json.loads(lines["heads_document"]) == {"heads": lines["heads"]}
    for one in vector("ticks"):
        assert independent.leaves(one["now"], one["tick"]) == one["leaves"]


def test_our_node_reads_the_vectors_too() -> None:
    for one in vector("ticks"):
        assert next_tick(one["now"] * 10**6, one["tick"]) == one["leaves"] * 10**6
    lines = vector("batches")
    assert [one.decode() for one in batch.parted(lines["request"].encode())] == lines["envelopes"]
    answers = batch.parse_answer(lines["answer"].encode())
    assert [one.problem for one in answers] == lines["problems"]
    assert stream_heads.parse(lines["heads_document"].encode()) == {0: (1, 17), 8: (3, 2)}


@pytest.mark.parametrize("suite", list(Suite))
def test_what_our_node_writes_is_read_by_the_second_implementation(suite: Suite) -> None:
    envelope = make_envelope(suite=suite, text="здраво")
    key = OpeningKey(suite.value, BELGRADE.opening[suite].seed)
    header, letter = independent.read(envelope.body, key, SKOPJE.public)
    assert (header["from"], letter["data"]) == ("skopje", {"text": "здраво"})


def test_what_the_second_implementation_writes_is_read_by_our_node() -> None:
    place = make_envelope(suite=Suite.S1)
    header = place.header.to_bytes().decode()
    _header, letter = independent.read(
        place.body, OpeningKey("S1", BELGRADE.opening[Suite.S1].seed), SKOPJE.public
    )

    def seal(info: bytes, content: bytes) -> bytes:
        key = independent.S1.kem.deserialize_public_key(BELGRADE.opening[Suite.S1].public())
        enc, sender = independent.S1.create_sender_context(key, info=info)
        return bytes(enc + sender.seal(content))

    told = json.dumps(letter | {"data": {"text": "made anew"}})
    body = independent.write(header, told, SKOPJE.private, SKOPJE.signer.kid, seal)
    envelope = parse_envelope(body)
    verify_outer(envelope, SKOPJE.signer.kid, SKOPJE.public)
    found = open_letter(envelope, BELGRADE.opening[Suite.S1], SKOPJE.public)
    assert found.data == {"text": "made anew"}
