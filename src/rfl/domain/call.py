"""Calls that a family made on the society's line: the fact alone is kept (guide: domain, 2.14)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rfl.domain.masked import Masked
from rfl.errors import InvalidInput


class CallWay(StrEnum):
    """How they spoke."""

    PHONE = "phone"
    VIDEO = "video"


@dataclass(frozen=True, slots=True, repr=False)
class FamilyCall(Masked):
    """That a family spoke: when and how; no number, and nothing of what was said.

    A call for a detainee goes through the ICRC.
    """

    on: date
    way: CallWay
    by: str
    both_agreed: bool
    detainee: bool = False
    through_icrc: bool = False

    def __post_init__(self) -> None:
        if not self.both_agreed:
            raise InvalidInput("both_agreed", "must be true: both agree to a call")
        if self.detainee and not self.through_icrc:
            raise InvalidInput("through_icrc", "must be true for a detainee")
