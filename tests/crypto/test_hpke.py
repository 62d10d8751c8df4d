"""HPKE in the two suites of rfl/1, held against published vectors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyhpke import AEADId, CipherSuite, KDFId, KEMId

from rfl.crypto import hpke, hpke_check
from rfl.crypto.hpke import ENC_BYTES, PUBLIC_BYTES, OpeningKey, Suite
from rfl.errors import SealBroken

BOTH = pytest.mark.parametrize("suite", list(Suite))


def make_key(suite: Suite) -> OpeningKey:
    return OpeningKey(suite, hpke.new_seed())


def test_both_suites_agree_with_the_published_vectors() -> None:
    hpke_check.check()


@pytest.mark.parametrize("name", ["skRm", "enc", "key", "base_nonce", "info", "pkRm"])
@pytest.mark.parametrize("number", [0, 1])
def test_a_vector_that_does_not_hold_is_noticed(number: int, name: str) -> None:
    vector = hpke_check.published()[number]
    value = vector[name]
    assert hpke_check.agrees(vector)
    assert not hpke_check.agrees(vector | {name: ("00" if value[:2] != "00" else "01") + value[2:]})


@BOTH
@given(content=st.binary(max_size=300), info=st.binary(max_size=40))
def test_what_was_sealed_opens(suite: Suite, content: bytes, info: bytes) -> None:
    key = make_key(suite)
    sealed = hpke.seal(suite, key.public(), info, content)
    assert key.open(info, sealed) == content
    assert len(sealed) == ENC_BYTES[suite] + len(content) + 16


@BOTH
def test_equal_contents_are_sealed_differently(suite: Suite) -> None:
    public = make_key(suite).public()
    assert len(public) == PUBLIC_BYTES[suite]
    assert hpke.seal(suite, public, b"", b"x") != hpke.seal(suite, public, b"", b"x")


@BOTH
def test_another_key_does_not_open(suite: Suite) -> None:
    sealed = hpke.seal(suite, make_key(suite).public(), b"", b"x")
    with pytest.raises(SealBroken):
        make_key(suite).open(b"", sealed)


@BOTH
def test_another_info_does_not_open(suite: Suite) -> None:
    key = make_key(suite)
    with pytest.raises(SealBroken):
        key.open(b"b", hpke.seal(suite, key.public(), b"a", b"x"))


@BOTH
def test_a_changed_byte_anywhere_does_not_open(suite: Suite) -> None:
    key = make_key(suite)
    sealed = hpke.seal(suite, key.public(), b"", b"x")
    for place in (0, 31, ENC_BYTES[suite] - 1, ENC_BYTES[suite], len(sealed) - 1):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            key.open(b"", bytes(changed))


@BOTH
@pytest.mark.parametrize("length", [0, 1, 31, 33, 1_215])
def test_a_truncated_envelope_or_a_key_of_another_length_is_refused(
    suite: Suite, length: int
) -> None:
    with pytest.raises(SealBroken):
        make_key(suite).open(b"", bytes(length))
    with pytest.raises(SealBroken):
        hpke.seal(suite, bytes(length), b"", b"x")


def test_a_key_is_not_shown() -> None:
    seed = b"never to be shown in any place!!"
    assert "never" not in repr(OpeningKey(Suite.S1, seed))


def test_an_independent_implementation_opens_what_we_seal_and_we_open_what_it_seals() -> None:
    oracle = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES256_GCM)
    seed = hpke.new_seed()
    key = OpeningKey(Suite.S1, seed)
    private = oracle.kem.deserialize_private_key(seed)
    sealed = hpke.seal(Suite.S1, key.public(), b"info", b"from us")
    opened = oracle.create_recipient_context(sealed[:32], private, info=b"info").open(sealed[32:])
    assert opened == b"from us"
    enc, sender = oracle.create_sender_context(
        oracle.kem.deserialize_public_key(key.public()), info=b"info"
    )
    assert key.open(b"info", enc + sender.seal(b"from them")) == b"from them"
