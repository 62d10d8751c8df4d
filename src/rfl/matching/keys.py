"""Record ids in sixteen bytes each: a million 30-character strings would take 80 MB more."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rfl.errors import InvalidInput

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_TO_BASE32 = str.maketrans(_CROCKFORD, "0123456789abcdefghijklmnopqrstuv")
_FORM = re.compile(rf"[a-z]{{3}}_[{_CROCKFORD}]{{26}}")
_LETTERS = np.frombuffer(_CROCKFORD.encode("ascii"), dtype=np.uint8)
_BIT_VALUES = np.array([16, 8, 4, 2, 1], dtype=np.uint8)
_PREFIX_LENGTH = 4
_LENGTH = 30
_RULE = "must be an id of 30 characters"
_NO_LETTER = 255
_AT_ONCE = 16_384
_NONE = np.zeros(0, dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class PackedKey:
    """An id of `domain.ids` as numbers."""

    high: int
    low: int
    prefix: int


def pack_key(key: str) -> PackedKey:
    """Pack an id of 30 characters, or raise InvalidInput."""
    if not _FORM.fullmatch(key):
        raise InvalidInput("key", _RULE)
    value = int(key[_PREFIX_LENGTH:].translate(_TO_BASE32), 32) >> 2
    prefix = int.from_bytes(key[:_PREFIX_LENGTH].encode("ascii"), "big")
    return PackedKey(value >> 64, value & 0xFFFF_FFFF_FFFF_FFFF, prefix)


@dataclass(frozen=True, slots=True)
class Keys:
    """Many packed ids, 20 bytes each."""

    highs: NDArray[np.uint64]
    lows: NDArray[np.uint64]
    prefixes: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.highs)

    @property
    def nbytes(self) -> int:
        """The bytes that the arrays hold."""
        return self.highs.nbytes + self.lows.nbytes + self.prefixes.nbytes

    def at(self, row: int) -> PackedKey:
        """One packed id."""
        return PackedKey(int(self.highs[row]), int(self.lows[row]), int(self.prefixes[row]))

    def of(self, chosen: NDArray[np.bool_] | NDArray[np.integer]) -> "Keys":
        """The chosen ids, by mask or by row numbers."""
        return Keys(self.highs[chosen], self.lows[chosen], self.prefixes[chosen])


def pack_keys(keys: Sequence[str]) -> Keys:
    """Pack many ids, or raise InvalidInput if any is none."""
    parts = [_packed(keys[start : start + _AT_ONCE]) for start in range(0, len(keys), _AT_ONCE)]
    return joined(parts) if parts else Keys(_NONE, _NONE, _NONE.astype(np.uint32))


def joined(parts: Sequence[Keys]) -> Keys:
    """All ids of several arrays, one after the other."""
    return Keys(
        np.concatenate([part.highs for part in parts]),
        np.concatenate([part.lows for part in parts]),
        np.concatenate([part.prefixes for part in parts]),
    )


def unpack_keys(packed: Keys) -> list[str]:
    """The ids that were packed, many at once."""
    halves = np.stack([packed.highs, packed.lows], axis=1).astype(">u8")
    bits = np.unpackbits(halves.view(np.uint8), axis=1)
    letters = np.pad(bits, ((0, 0), (0, 2))).reshape(len(packed), 26, 5) @ _BIT_VALUES
    text = _LETTERS[letters].tobytes().decode("ascii")
    prefixes = packed.prefixes.astype(">u4").tobytes().decode("ascii")
    return [prefixes[4 * i : 4 * i + 4] + text[26 * i : 26 * i + 26] for i in range(len(packed))]


def _packed(keys: Sequence[str]) -> Keys:
    if not all(len(key) == _LENGTH and key.isascii() for key in keys):
        raise InvalidInput("key", _RULE)
    letters = np.frombuffer("".join(keys).encode("ascii"), dtype=np.uint8).reshape(-1, _LENGTH)
    values = _VALUES[letters[:, _PREFIX_LENGTH:]]
    if (values == _NO_LETTER).any() or (letters[:, _PREFIX_LENGTH - 1] != ord("_")).any():
        raise InvalidInput("key", _RULE)
    bits = np.unpackbits(values[:, :, np.newaxis], axis=2)[:, :, 3:].reshape(len(keys), 130)
    halves = np.packbits(bits[:, :128], axis=1).view(">u8").astype(np.uint64)
    prefixes = np.ascontiguousarray(letters[:, :_PREFIX_LENGTH]).view(">u4").astype(np.uint32)
    return Keys(halves[:, 0].copy(), halves[:, 1].copy(), prefixes[:, 0])


def _letter_values() -> NDArray[np.uint8]:
    values = np.full(256, _NO_LETTER, dtype=np.uint8)
    values[_LETTERS] = np.arange(32, dtype=np.uint8)
    return values


_VALUES = _letter_values()
