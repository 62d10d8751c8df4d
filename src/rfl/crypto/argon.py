"""From a passphrase to a key: Argon2id (RFC 9106 section 4)."""

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

SALT_BYTES = 16
_MEMORY_KIB, _ITERATIONS, _LANES = 65_536, 3, 4


def key_from(passphrase: str, salt: bytes) -> bytes:
    """Return the 32 bytes that this passphrase and salt lead to; it takes a tenth of a second."""
    kdf = Argon2id(
        salt=salt, length=32, iterations=_ITERATIONS, lanes=_LANES, memory_cost=_MEMORY_KIB
    )
    return kdf.derive(passphrase.encode("utf-8"))
