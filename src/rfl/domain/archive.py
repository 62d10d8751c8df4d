"""A case in the restricted archive: named persons alone may open it, and nobody is compared."""

from dataclasses import dataclass
from datetime import date

from rfl.domain.masked import Masked
from rfl.domain.request import Level


@dataclass(frozen=True, slots=True, repr=False)
class Archive(Masked):
    """Since when a case is archived, and the level that it has again once it is reopened."""

    on: date
    level: Level
