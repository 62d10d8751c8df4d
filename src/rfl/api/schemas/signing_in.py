"""Signing in with a built-in account: invitations, passwords, one-time codes."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from rfl.api.schemas.base import Brief, Strict

_INVITATION = "rfli_fE0y8tZ6o3mG5v1rWcQkX2bN7sUaHdLj4TqPiRzYwKM"


class Invitation(Strict):
    """What the holder of an account is given, by another way than this; shown this once."""

    invitation: str
    ends_at: datetime


class AcceptedInvitation(Strict):
    """The invitation, and the name and password that its holder chooses."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "invitation": _INVITATION,
                    "name": "elena",
                    "password": "nine herons over the lake",
                }
            ]
        }
    )

    invitation: Annotated[str, Field(max_length=100)]
    name: Brief
    password: Annotated[str, Field(max_length=400)]


class Enrolment(Strict):
    """The secret of the one-time codes, also as an address for a telephone; shown this once.

    `device` is the mark of this device: whoever signs in with it is not held up by strangers'
    tries.
    """

    account: str
    secret: str
    address: str
    device: str


class PasswordProof(Strict):
    """Name, password, and the code of this half minute; the device's mark if there is one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "elena", "password": "nine herons over the lake", "code": "492039"}
            ]
        }
    )

    name: Annotated[str, Field(max_length=400)]
    password: Annotated[str, Field(max_length=400)]
    code: Annotated[str, Field(max_length=12)]
    device: Annotated[str, Field(max_length=120)] = ""


class ChangedPassword(PasswordProof):
    """What proves who changes it, as for signing in, and the password that is chosen."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "elena",
                    "password": "nine herons over the lake",
                    "code": "492039",
                    "chosen": "eleven storks on one chimney",
                }
            ]
        }
    )

    chosen: Annotated[str, Field(max_length=400)]


class SignedIn(Strict):
    """A token that ends soon, and the device's new mark; shown this once."""

    token_id: str
    token: str
    ends_at: datetime
    device: str
