"""What tests of the exchange build with: societies with keys, headers and letters."""

import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rfl.crypto import hpke
from rfl.crypto.hpke import OpeningKey, Suite
from rfl.domain.ids import new_id
from rfl.domain.purpose import Purpose
from rfl.exchange.descriptor import Descriptor, Limits, Mode, PublishedKey, sign_descriptor
from rfl.exchange.envelope import Envelope, seal_letter
from rfl.exchange.header import Header
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.signed import Signer

NOW = 1_800_000_000
LATER = NOW + 30 * 86_400


@dataclass(frozen=True)
class Society:
    """A society with one signing key and a key to be sealed to in each suite."""

    code: str
    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    opening: dict[Suite, OpeningKey] = field(
        default_factory=lambda: {suite: OpeningKey(suite, hpke.new_seed()) for suite in Suite}
    )

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def signer(self) -> Signer:
        return Signer(f"{self.code}-1", self.private.sign)

    def descriptor(self) -> Descriptor:
        signing = PublishedKey(kid=f"{self.code}-1", public=self.public, not_after=LATER)
        sealing = [
            PublishedKey(
                kid=f"{self.code}-{suite}", public=key.public(), not_after=LATER, suite=suite
            )
            for suite, key in self.opening.items()
        ]
        return Descriptor(
            code=self.code,
            name=f"Red Cross of {self.code}",
            base_url=f"https://{self.code}.example",
            signing_keys=(signing,),
            hop_keys=(signing,),
            sealing_keys=tuple(sealing),
            limits=Limits(),
            contact="tracing desk",
            mode=Mode.EXERCISE,
            issued=NOW,
        )

    def published(self) -> bytes:
        """The descriptor as it signs it itself."""
        return sign_descriptor(self.descriptor(), [self.signer]).to_bytes()


SKOPJE, BELGRADE, SOFIA = Society("skopje"), Society("belgrade"), Society("sofia")


def make_header(
    sender: Society = SKOPJE,
    recipient: Society = BELGRADE,
    *,
    suite: Suite = Suite.S2,
    seq: int = 1,
    prev: bytes = bytes(32),
) -> Header:
    return Header(
        id=new_id("env"),
        sender=sender.code,
        recipient=recipient.code,
        sealed_to=f"{recipient.code}-{suite}",
        suite=suite,
        stream=3,
        epoch=1,
        seq=seq,
        prev=prev,
        issued=NOW,
        expires=LATER,
    )


def make_letter(text: str = "Is anybody there?") -> Letter:
    return Letter(type=LetterType.PING, purpose=Purpose.TRACING, data={"text": text})


def make_envelope(
    sender: Society = SKOPJE,
    recipient: Society = BELGRADE,
    *,
    suite: Suite = Suite.S2,
    text: str = "Is anybody there?",
) -> Envelope:
    header = make_header(sender, recipient, suite=suite)
    return seal_letter(
        header,
        make_letter(text),
        signer=sender.signer,
        recipient_key=recipient.opening[suite].public(),
    )


def digest(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()
