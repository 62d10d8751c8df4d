"""Who may do what: one question, `require(actor, verb, purpose, on)`, asked by every flow.

`permissions.ALLOWED` is the table of roles, verbs and purposes; here are the conditions on the
record: branch, officer, sensitivity level and vetting for work with children.
"""

from dataclasses import dataclass

from rfl.domain.permissions import ALLOWED, WIDENED
from rfl.domain.purpose import Purpose
from rfl.domain.request import Level
from rfl.domain.verbs import READING, Role, Verb
from rfl.errors import Forbidden, OutOfReach, PurposeMissing

__all__ = [
    "ALLOWED",
    "WHOLE",
    "Actor",
    "Object",
    "Role",
    "Scope",
    "Verb",
    "is_wider",
    "require",
    "sees_all",
]

SCOPE_RULE = "The token is for less than this."


@dataclass(frozen=True, slots=True)
class Scope:
    """How much of what its account may do a token may do: these purposes, only reading."""

    purposes: frozenset[Purpose] | None = None
    reads_only: bool = False

    def within(self, wider: "Scope") -> "Scope":
        """Return this scope, cut to another: what is made from a token is never wider than it."""
        purposes = self.purposes if wider.purposes is None else wider.purposes
        if self.purposes is not None and purposes is not None:
            purposes &= self.purposes
        return Scope(purposes, self.reads_only or wider.reads_only)

    def allows(self, verb: Verb, purpose: Purpose) -> bool:
        """True if a token of this scope may ask for it."""
        return (self.purposes is None or purpose in self.purposes) and (
            not self.reads_only or verb in READING
        )


WHOLE = Scope()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: account id, role, branch and session; never a name.

    `vetted` for work with children: true until the day that the account's vetting ends (P-20).
    `scope` narrows what the role may do; it never widens it. `broken_glass`: reads further now.
    """

    id: str
    role: Role
    branch: str
    session: str | None = None
    client: str = "http"
    vetted: bool = False
    scope: Scope = WHOLE
    broken_glass: bool = False


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


def require(actor: Actor, verb: Verb, purpose: Purpose | None, on: Object | None = None) -> bool:
    """Return if the table allows it, or raise PurposeMissing or Forbidden.

    True if only broken glass allows it, which the log then says. OutOfReach for another branch's
    record: to guess at ids tells nobody which there are.
    """
    if purpose is None:
        raise PurposeMissing
    if purpose not in ALLOWED.get(actor.role, {}).get(verb, frozenset()):
        raise Forbidden
    if actor.scope is not WHOLE and not actor.scope.allows(verb, purpose):
        raise Forbidden(SCOPE_RULE)
    if on is None or _reaches(actor, on):
        return False
    if not is_wider(actor, verb) or (on.child and not actor.vetted):
        if not _is_in_reach(actor, on):
            raise OutOfReach
        raise Forbidden
    return True


def sees_all(actor: Actor) -> bool:
    """True if this role works for every branch."""
    return actor.role in _EVERY_BRANCH


def is_wider(actor: Actor, verb: Verb) -> bool:
    """True if broken glass lets this actor reach past branch and level for this."""
    return actor.broken_glass and verb in WIDENED.get(actor.role, frozenset())


def _reaches(actor: Actor, on: Object) -> bool:
    if on.child and not actor.vetted and actor.role not in _EVERY_BRANCH:
        return False
    if on.level is Level.NAMED_PERSONS_ONLY:
        return actor.id == on.officer or actor.role is Role.DATA_PROTECTION_OFFICER
    if on.level is Level.RESTRICTED and actor.role is Role.INTAKE_VOLUNTEER:
        return False
    return _is_in_reach(actor, on)


def _is_in_reach(actor: Actor, on: Object) -> bool:
    return on.branch in (None, actor.branch) or actor.role in _EVERY_BRANCH
