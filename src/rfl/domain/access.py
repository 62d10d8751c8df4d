"""Who may do what: one question, `require(actor, verb, purpose, on)`, asked by every flow.

`permissions.ALLOWED` is the table of roles, verbs and purposes; here are the conditions on the
record: branch, officer, sensitivity level and vetting for work with children.
"""

from dataclasses import dataclass

from rfl.domain.permissions import ALLOWED
from rfl.domain.purpose import Purpose
from rfl.domain.request import Level
from rfl.domain.verbs import Role, Verb
from rfl.errors import Forbidden, PurposeMissing

__all__ = ["ALLOWED", "Actor", "Object", "Role", "Verb", "require"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: account id, role, branch and session; never a name.

    `vetted` for work with children: true until the day that the account's vetting ends (P-20).
    """

    id: str
    role: Role
    branch: str
    session: str | None = None
    client: str = "http"
    vetted: bool = False


@dataclass(frozen=True, slots=True)
class Object:
    """What it is done to: branch, officer and sensitivity of the record, as far as known.

    `child`: a child asks, or is registered as one; then the actor must be vetted (P-19, P-20).
    """

    branch: str | None = None
    officer: str | None = None
    level: Level = Level.NORMAL
    child: bool = False


_EVERY_BRANCH = frozenset({Role.DATA_PROTECTION_OFFICER, Role.SERVICE})


def require(actor: Actor, verb: Verb, purpose: Purpose | None, on: Object | None = None) -> None:
    """Return if the table allows it, or raise PurposeMissing or Forbidden."""
    if purpose is None:
        raise PurposeMissing
    if purpose not in ALLOWED.get(actor.role, {}).get(verb, frozenset()):
        raise Forbidden
    if on is not None and not _reaches(actor, on):
        raise Forbidden


def _reaches(actor: Actor, on: Object) -> bool:
    if on.child and not actor.vetted and actor.role not in _EVERY_BRANCH:
        return False
    if on.level is Level.NAMED_PERSONS_ONLY:
        return actor.id == on.officer or actor.role is Role.DATA_PROTECTION_OFFICER
    if on.level is Level.RESTRICTED and actor.role is Role.INTAKE_VOLUNTEER:
        return False
    return on.branch is None or actor.branch == on.branch or actor.role in _EVERY_BRANCH
