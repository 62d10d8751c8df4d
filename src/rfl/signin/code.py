"""One-time codes of built-in accounts (TOTP, RFC 6238): six digits, 30 seconds."""

import base64
import hmac
from typing import Final

import pyotp

STEP: Final = 30
_SECRET_BYTES: Final = 20


def secret_of(derived: bytes) -> str:
    """Return a secret of 160 bits (RFC 4226 section 4) in base32, as telephones read it."""
    return base64.b32encode(derived[:_SECRET_BYTES]).decode("ascii")


def address(secret: str, society: str, account: str) -> str:
    """Return the `otpauth` address that telephones read; the account's id stands for a name."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=f"rfl {society}")


def step_of(secret: str, code: str, seconds: float) -> int | None:
    """Return the step that a code is of, or None: now, the one before or the one after.

    All three are compared, so that it takes as long whichever fits. A step is used once (RFC 6238
    section 5.2): who keeps the last one sees to that.
    """
    codes, found = pyotp.TOTP(secret), None
    now = int(seconds) // STEP
    for step in (now - 1, now, now + 1):
        if hmac.compare_digest(codes.generate_otp(step).encode(), code.encode("utf-8")):
            found = step
    return found
