"""What somebody signs in with: a password, and the code that their telephone shows."""

import pyotp

from rfl.flows.begin_session import Proof
from rfl.flows.runtime import Runtime

PASSWORD = "nine herons over the lake"


def proof(
    rt: Runtime, secret: str, name: str = "elena", password: str = PASSWORD, device: str = ""
) -> Proof:
    """Name, password and the code of this half minute, by the node's clock."""
    return Proof(name, password, pyotp.TOTP(secret).at(rt.clock()), device)
