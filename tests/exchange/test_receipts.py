"""Receipts and descriptors (conformance groups C5, C6): offline, and by the right key alone."""

import json
from dataclasses import replace

import pytest

from rfl.crypto.hpke import Suite
from rfl.errors import BadEnvelope
from rfl.exchange.descriptor import Descriptor, parse_descriptor, sign_descriptor
from rfl.exchange.encoding import to_text
from rfl.exchange.receipt import (
    Receipt,
    ReceiptStatus,
    receipt_for,
    sign_receipt,
    verify_receipt,
)
from rfl.exchange.signed import SignedDocument, sign_document
from tests.exchange.letters import BELGRADE, LATER, NOW, SKOPJE, SOFIA, Society, make_envelope


def make_receipt(status: ReceiptStatus = ReceiptStatus.PROCESSED) -> Receipt:
    reason = "not-yours" if status is ReceiptStatus.REJECTED else None
    return receipt_for(make_envelope(), status, NOW, reason)


@pytest.mark.parametrize("status", list(ReceiptStatus))
def test_a_receipt_verifies_offline(status: ReceiptStatus) -> None:
    receipt = make_receipt(status)
    raw = sign_receipt(receipt, BELGRADE.signer).to_bytes()
    assert verify_receipt(raw, "belgrade-1", BELGRADE.public) == receipt


def test_a_receipt_belongs_to_one_envelope() -> None:
    envelope = make_envelope()
    receipt = receipt_for(envelope, ReceiptStatus.PROCESSED, NOW)
    assert receipt.belongs_to(envelope)
    assert not receipt.belongs_to(make_envelope())


def test_a_forged_receipt_is_refused() -> None:
    raw = sign_receipt(make_receipt(), SOFIA.signer).to_bytes()
    with pytest.raises(BadEnvelope):
        verify_receipt(raw, "sofia-1", BELGRADE.public)
    with pytest.raises(BadEnvelope):
        verify_receipt(raw, "belgrade-1", BELGRADE.public)


@pytest.mark.parametrize(
    "members",
    [
        {"status": "rejected"},
        {"status": "lost"},
        {"reason": "because"},
        {"digest": ""},
        {"typ": "rfl-env"},
        {"v": 2},
        {"at": -1},
    ],
)
def test_a_receipt_that_breaks_a_rule_is_refused_though_it_is_signed(
    members: dict[str, object],
) -> None:
    document = json.loads(sign_receipt(make_receipt(), BELGRADE.signer).document) | members
    signed = sign_document(b"rfl-receipt-v1", json.dumps(document).encode(), [BELGRADE.signer])
    with pytest.raises(BadEnvelope):
        verify_receipt(signed.to_bytes(), "belgrade-1", BELGRADE.public)


def test_a_signature_for_one_kind_of_document_is_none_for_another() -> None:
    document = sign_receipt(make_receipt(), BELGRADE.signer).document
    signed = sign_document(b"rfl-descriptor-v1", document, [BELGRADE.signer])
    with pytest.raises(BadEnvelope):
        verify_receipt(signed.to_bytes(), "belgrade-1", BELGRADE.public)


def published(descriptor: Descriptor, signer: Society = BELGRADE) -> bytes:
    return sign_descriptor(descriptor, [signer.signer]).to_bytes()


def test_a_descriptor_comes_back_as_it_was_published() -> None:
    descriptor = BELGRADE.descriptor()
    assert parse_descriptor(published(descriptor)) == descriptor


def test_a_descriptor_signed_by_another_is_refused() -> None:
    with pytest.raises(BadEnvelope):
        parse_descriptor(published(BELGRADE.descriptor(), SOFIA))


def test_a_descriptor_needs_the_signature_of_each_current_key() -> None:
    other = replace(SOFIA.descriptor().signing_keys[0], kid="belgrade-2")
    descriptor = BELGRADE.descriptor()
    both = replace(descriptor, signing_keys=(*descriptor.signing_keys, other))
    with pytest.raises(BadEnvelope):
        parse_descriptor(published(both))


def test_an_old_signing_key_stays_listed_and_need_not_sign() -> None:
    old = replace(SOFIA.descriptor().signing_keys[0], kid="belgrade-0", not_after=NOW - 1)
    descriptor = BELGRADE.descriptor()
    with_old = replace(descriptor, signing_keys=(old, *descriptor.signing_keys))
    assert parse_descriptor(published(with_old)) == with_old


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "Belgrade"},
        {"base_url": "ftp://belgrade.example"},
        {"base_url": "https://belgrade.example/?q=1"},
        {"name": ""},
        {"signing_keys": ()},
        {"sealing_keys": ()},
    ],
)
def test_a_descriptor_that_breaks_a_rule_is_refused(changes: dict[str, object]) -> None:
    changed = replace(BELGRADE.descriptor(), **changes)  # type: ignore[arg-type]
    with pytest.raises(BadEnvelope):
        parse_descriptor(published(changed))


def test_a_key_of_the_wrong_length_is_refused() -> None:
    descriptor = BELGRADE.descriptor()
    short = replace(descriptor.sealing_keys[0], public=b"short")
    with pytest.raises(BadEnvelope):
        parse_descriptor(published(replace(descriptor, sealing_keys=(short,))))


def test_the_strongest_suite_in_order_is_sealed_to() -> None:
    descriptor = BELGRADE.descriptor()
    assert descriptor.sealing_key(NOW).suite is Suite.S2
    only_s1 = replace(descriptor, suites=(Suite.S1,))
    assert only_s1.sealing_key(NOW).suite is Suite.S1


def test_nobody_seals_to_a_key_that_has_ended_or_is_below_the_minimum() -> None:
    descriptor = BELGRADE.descriptor()
    with pytest.raises(BadEnvelope):
        descriptor.sealing_key(LATER)
    weak = replace(descriptor, suites=(Suite.S1,), minimum_suite=Suite.S2)
    with pytest.raises(BadEnvelope):
        weak.sealing_key(NOW)


def test_a_fingerprint_is_sixty_digits_and_differs_by_key_and_by_code() -> None:
    one = BELGRADE.descriptor()
    digits = one.fingerprint()
    assert len(digits.replace(" ", "")) == 60
    assert digits == BELGRADE.descriptor().fingerprint()
    assert digits != SOFIA.descriptor().fingerprint()
    assert digits != replace(one, code="sofia").fingerprint()


def test_a_document_over_its_size_is_refused() -> None:
    signed = SignedDocument(b"x" * 70_000, sign_document(b"l", b"x", [SKOPJE.signer]).lines)
    assert to_text(b"x") in signed.to_bytes().decode()
    with pytest.raises(BadEnvelope):
        parse_descriptor(signed.to_bytes())
