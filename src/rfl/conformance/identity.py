"""The societies that the suite plays: their keys in a folder, made for tests and nothing else.

One is to be trusted by the node under test. The other is trusted and then suspended.
"""

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rfl.crypto.hpke import OpeningKey, Suite, new_seed
from rfl.errors import InvalidInput
from rfl.exchange.descriptor import Descriptor, Limits, Mode, PublishedKey, sign_descriptor
from rfl.exchange.encoding import to_bytes, to_text
from rfl.exchange.signed import Signer

PLAYER: Final = "conformance"
SUSPENDED: Final = "conformance-suspended"
KEYS: Final = "conformance-keys.json"
LIFE: Final = 365 * 86_400
FIRST, ENDED, NEXT = "first", "ended", "next"
_ADDRESS: Final = "http://conformance.invalid"


@dataclass(frozen=True, slots=True)
class PlayedKey:
    """A signing key that the suite holds whole; `not_after` in seconds since 1970."""

    kid: str
    seed: bytes = field(repr=False)
    not_after: int

    @property
    def signer(self) -> Signer:
        """The way to sign with it."""
        return Signer(self.kid, self._private.sign)

    @property
    def published(self) -> PublishedKey:
        """The public half, as a descriptor lists it."""
        public = self._private.public_key().public_bytes_raw()
        return PublishedKey(kid=self.kid, public=public, not_after=self.not_after)

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A played society. Each list of keys begins with the one whose digits were compared."""

    code: str
    signing: tuple[PlayedKey, ...]
    hop: tuple[PlayedKey, ...]
    sealing: Mapping[Suite, bytes] = field(repr=False)
    issued: int

    @property
    def signer(self) -> Signer:
        """The first signing key."""
        return self.signing[0].signer

    @property
    def hop_signer(self) -> Signer:
        """The first key of the hop."""
        return self.hop[0].signer

    def descriptor(self) -> Descriptor:
        """Return what the society says of itself; its address leads nowhere."""
        sealing = [
            PublishedKey(
                kid=f"{self.code}-{suite.lower()}",
                public=OpeningKey(suite, seed).public(),
                not_after=self.issued + LIFE,
                suite=suite,
            )
            for suite, seed in self.sealing.items()
        ]
        return Descriptor(
            code=self.code,
            name=f"Test society {self.code}",
            base_url=_ADDRESS,
            signing_keys=tuple(key.published for key in self.signing),
            hop_keys=tuple(key.published for key in self.hop),
            sealing_keys=tuple(sealing),
            limits=Limits(),
            contact="nobody: this society exists in tests alone",
            mode=Mode.EXERCISE,
            issued=self.issued,
        )

    def document(self, signers: Sequence[Signer] | None = None) -> bytes:
        """Return the descriptor, signed by each current signing key unless told by whom."""
        current = [key.signer for key in self.signing if key.not_after > self.issued]
        return sign_descriptor(self.descriptor(), signers or current).to_bytes()

    def rotated(self, issued: int, *, fresh: bool) -> "Identity":
        """Return it later, with a fresh second pair of keys, or with none: the first one stays."""
        signing, hop = _without(self.signing, NEXT), _without(self.hop, NEXT)
        if fresh:
            signing = (*signing, _new_key(self.code, "signing", NEXT, issued + LIFE))
            hop = (*hop, _new_key(self.code, "hop", NEXT, issued + LIFE))
        return replace(self, issued=max(issued, self.issued + 1), signing=signing, hop=hop)


def make_identity(code: str, now: int | None = None) -> Identity:
    """Return a society with fresh keys, one of each that is current and one that has ended."""
    issued = int(time.time()) if now is None else now
    ends = {FIRST: issued + LIFE, ENDED: issued - 86_400}
    keys = {
        name: tuple(_new_key(code, name, which, end) for which, end in ends.items())
        for name in ("signing", "hop")
    }
    sealing = {suite: new_seed() for suite in Suite}
    return Identity(
        code=code, signing=keys["signing"], hop=keys["hop"], sealing=sealing, issued=issued
    )


def keep(folder: Path, identities: Sequence[Identity]) -> None:
    """Write keys, readable by the owner alone, and each society's descriptor beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps([_written(one) for one in identities], indent=1)
    aside = folder / f"{KEYS}.new"
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as sink:
        sink.write(content)
    aside.replace(folder / KEYS)
    for one in identities:
        (folder / f"{one.code}.json").write_bytes(one.document())


def kept(folder: Path) -> list[Identity]:
    """Return the societies whose keys stand in a folder, or raise InvalidInput."""
    try:
        return [_read(one) for one in json.loads((folder / KEYS).read_text("utf-8"))]
    except (OSError, ValueError, KeyError, TypeError) as cause:
        rule = "must be a folder that `rfl conformance-peer` has made"
        raise InvalidInput("--identity", rule) from cause


def _without(keys: Sequence[PlayedKey], which: str) -> tuple[PlayedKey, ...]:
    return tuple(key for key in keys if f"-{which}" not in key.kid)


def _new_key(code: str, name: str, which: str, not_after: int) -> PlayedKey:
    unique = os.urandom(3).hex()
    return PlayedKey(f"{code}-{name}-{which}-{unique}", os.urandom(32), not_after)


def _written(one: Identity) -> dict[str, Any]:
    keys = {
        name: [[key.kid, to_text(key.seed), key.not_after] for key in getattr(one, name)]
        for name in ("signing", "hop")
    }
    sealing = {suite: to_text(seed) for suite, seed in one.sealing.items()}
    return {"code": one.code, "issued": one.issued, "sealing": sealing, **keys}


def _read(found: dict[str, Any]) -> Identity:
    keys = {
        name: tuple(PlayedKey(kid, to_bytes(seed), end) for kid, seed, end in found[name])
        for name in ("signing", "hop")
    }
    sealing = {Suite(suite): to_bytes(seed) for suite, seed in found["sealing"].items()}
    return Identity(
        code=found["code"],
        signing=keys["signing"],
        hop=keys["hop"],
        sealing=sealing,
        issued=found["issued"],
    )
