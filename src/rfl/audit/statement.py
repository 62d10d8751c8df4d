"""What the log says about one person, for that person (P-14): nothing else, and nobody else.

A statement has no ids and no counts. What concerns another person of the same record is left out,
and so is whatever a search found: reading proposals and searching for somebody are one phrase.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from rfl.audit.tracing import ERASURES, is_disclosure
from rfl.domain.access import Role, Verb
from rfl.domain.authority import AUTHORITY
from rfl.domain.entry import Decision, Entry
from rfl.domain.groups import Group
from rfl.domain.purpose import Purpose

UNCHECKED = (
    "We answer questions about personal data only after the identity of the person who asks was "
    "checked."
)
NOTHING = "Our log of uses holds nothing that can be tied to you."

_ENTERED = frozenset({Verb.CASE_OPEN, Verb.REGISTRATION_ADD, Verb.LIST_IMPORT, Verb.INTAKE_OPEN})
_READ = frozenset({Verb.CASE_READ, Verb.REGISTRATION_READ})
_CHANGED = frozenset({Verb.CASE_CHANGE, Verb.REGISTRATION_CHANGE})
_LOG = frozenset({Verb.LOG_READ, Verb.LOG_STATE, Verb.LOG_REVIEW})
# These open what was found for a record beside the record itself.
_TRACING = frozenset(
    {
        *(Verb.SEARCH, Verb.MATCH_READ, Verb.MATCH_DECIDE, Verb.MATCH_COMPARE),
        *(Verb.FINDING_READ, Verb.FINDING_WORK, Verb.CASE_TELL),
        *(Verb.DISCLOSURE_ASK, Verb.DISCLOSURE_READ, Verb.DISCLOSURE_DECIDE),
    }
)

_PURPOSES = {
    Purpose.TRACING: "to trace missing relatives",
    Purpose.FAMILY_CONTACT: "to bring relatives in contact",
    Purpose.REUNIFICATION: "to reunite a family",
    Purpose.CHILD_PROTECTION: "to protect a child",
    Purpose.FATE_CLARIFICATION: "to clarify what happened to a missing person",
    Purpose.DATA_SUBJECT_REQUEST: "to answer a request about personal data",
    Purpose.SUPERVISION: "to supervise the work",
    Purpose.AUDIT: "to check how data is used",
    Purpose.ADMINISTRATION: "to run the system",
}
_ROLES = {
    Role.INTAKE_VOLUNTEER: "an intake volunteer",
    Role.TRACING_OFFICER: "a tracing officer",
    Role.SUPERVISOR: "a supervisor",
    Role.DATA_PROTECTION_OFFICER: "the data protection officer",
    Role.AUDITOR: "an auditor",
    Role.ADMINISTRATOR: "an administrator",
    Role.SERVICE: "the system itself",
    Role.PEER: "another society",
}
_GROUPS = {
    Group.IDENTITY: "names, family, birth and places",
    Group.CONTACT: "how to reach you",
    Group.CIRCUMSTANCES: "how contact was lost, and notes",
    Group.SENSITIVE: "sensitive data",
}


@dataclass(frozen=True, slots=True)
class Concerned:
    """What the log calls the person, the record, and the others in that record.

    The contact of a case is its enquirer's, so only `has_contact` is told when it was opened.
    """

    record: str
    person: str
    others: frozenset[str]
    has_contact: bool = True


@dataclass(frozen=True, slots=True)
class Use:
    """One use of the person's data, in words. `at` carries the society's zone."""

    at: datetime
    what: str
    by: str
    why: str | None
    data: tuple[str, ...] = ()
    sent_to: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """How an actor is told: the branch, and the name where the society's policy says so."""

    branch: str | None = None
    name: str | None = None


def concerning(entries: Iterable[Entry], who: Concerned) -> list[Entry]:
    """Return the entries about this person: those about others of the record alone are not."""
    return [entry for entry in entries if _concerns(set(entry.objects), who)]


def uses(
    entries: Sequence[Entry], who: Concerned, accounts: Mapping[str, Account], zone: ZoneInfo
) -> list[Use]:
    """Return the uses that entries about this person tell, oldest first."""
    told = [_use(entry, who, accounts.get(entry.actor, Account()), zone) for entry in entries]
    return sorted(told, key=lambda use: use.at)


def as_text(found: Sequence[Use], sentence: str | None = None) -> str:
    """Return a statement that a person can read: the sentence, or one line for each use."""
    if sentence is not None:
        return sentence + "\n"
    return "\n".join(_line(use) for use in found) + "\n"


def _concerns(objects: set[str], who: Concerned) -> bool:
    return who.person in objects or (who.record in objects and objects.isdisjoint(who.others))


def _use(entry: Entry, who: Concerned, account: Account, zone: ZoneInfo) -> Use:
    return Use(
        at=datetime.fromisoformat(entry.at).astimezone(zone),
        what=_what(entry, who),
        by=_by(entry, account),
        why=_PURPOSES.get(Purpose(entry.purpose)) if entry.purpose else None,
        data=_data(entry, who),
        sent_to=entry.peer if is_disclosure(entry) else None,
    )


def _data(entry: Entry, who: Concerned) -> tuple[str, ...]:
    if entry.decision == Decision.DENIED:
        return ()
    if entry.action in _TRACING and not is_disclosure(entry):
        return ()
    told = set(entry.groups) - (set() if who.has_contact else {Group.CONTACT})
    return tuple(word for group, word in _GROUPS.items() if group in told)


def _what(entry: Entry, who: Concerned) -> str:
    if entry.decision == Decision.DENIED:
        return "Access to your data was refused"
    if is_disclosure(entry):
        return "Your data was sent"
    if entry.action in _TRACING:
        shown = entry.objects[:1] != (who.record,)
        return "You were shown among others in a search" if shown else _WORKED_ON
    for verbs, words in _WORDS:
        if entry.action in verbs:
            return words
    return "Your data was used"


_WORKED_ON = "Your record was used in the search for relatives"
_WORDS = (
    (_ENTERED, "Your data was entered"),
    (_READ, "Your data was read"),
    (_CHANGED, "Your data was changed"),
    (ERASURES, "Your data was erased"),
    (_LOG, "The log of the uses of your data was read"),
)


def _by(entry: Entry, account: Account) -> str:
    try:
        role = _ROLES[Role(entry.role)]
    except ValueError:
        role = "another society" if entry.peer else "somebody"
    branch = f" of the branch {account.branch}" if account.branch else ""
    return f"{account.name}, {role}{branch}" if account.name else f"{role}{branch}"


def _recipient(peer: str) -> str:
    authority = peer.removeprefix(AUTHORITY)
    return f"the society {peer}" if authority == peer else f"the authority {authority}"


def _line(use: Use) -> str:
    when = use.at.strftime("%Y-%m-%d %H:%M %Z")
    to = f" to {_recipient(use.sent_to)}" if use.sent_to else ""
    data = f" ({'; '.join(use.data)})" if use.data else ""
    why = f", {use.why}" if use.why else ""
    return f"{when}: {use.what}{to}{data}, by {use.by}{why}."
