"""Who may do what: one table of roles, verbs and purposes; whatever is not in it is refused.

Casework and access control add rows and conditions (assignment, vetting, approvals); the
question stays the same: `require(actor, verb, purpose, on)`.
"""

from dataclasses import dataclass
from enum import StrEnum

from rfl.domain.purpose import Purpose
from rfl.domain.request import Level
from rfl.errors import Forbidden, PurposeMissing


class Role(StrEnum):
    """What an account is. `service` is the node itself; `peer` is another society."""

    INTAKE_VOLUNTEER = "intake_volunteer"
    TRACING_OFFICER = "tracing_officer"
    SUPERVISOR = "supervisor"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SERVICE = "service"
    PEER = "peer"


class Verb(StrEnum):
    """What is asked for."""

    INTAKE_OPEN = "intake.open"
    ENQUIRY_RECEIVE = "enquiry.receive"
    ENQUIRY_READ = "enquiry.read"
    ENQUIRY_LIST = "enquiry.list"
    ENQUIRY_WORK = "enquiry.work"
    CASE_OPEN = "case.open"
    CASE_READ = "case.read"
    CASE_CHANGE = "case.change"
    CASE_LIST = "case.list"
    CASE_ERASE = "case.erase"
    CASE_FILE = "case.file"
    CASE_WORK = "case.work"
    CASE_ASSIGN = "case.assign"
    CASE_TELL = "case.tell"
    FINDING_READ = "finding.read"
    FINDING_WORK = "finding.work"
    REGISTRATION_ADD = "registration.add"
    REGISTRATION_READ = "registration.read"
    REGISTRATION_CHANGE = "registration.change"
    REGISTRATION_LIST = "registration.list"
    REGISTRATION_ERASE = "registration.erase"
    LIST_IMPORT = "list.import"
    LIST_READ = "list.read"
    LIST_TAKE_BACK = "list.take_back"
    APPROVAL_ASK = "approval.ask"
    APPROVAL_READ = "approval.read"
    APPROVAL_GIVE = "approval.give"
    MESSAGE_COLLECT = "message.collect"
    MESSAGE_READ = "message.read"
    MESSAGE_WORK = "message.work"
    MESSAGE_CARRY = "message.carry"
    MESSAGE_TELL = "message.tell"
    TASK_READ = "task.read"
    TASK_WORK = "task.work"
    TRANSMIT = "transmit"
    SEARCH = "search"
    MATCH_READ = "match.read"
    MATCH_DECIDE = "match.decide"
    MATCH_COMPARE = "match.compare"
    INDEX_LOAD = "index.load"
    LOG_READ = "log.read"
    LOG_RESOLVE = "log.resolve"
    LOG_STATE = "log.state"
    LOG_REVIEW = "log.review"
    LOG_FINDING_READ = "log.finding.read"
    LOG_FINDING_DECIDE = "log.finding.decide"
    LOG_SEQUENCE = "log.sequence"
    LOG_EXPORT = "log.export"
    LOG_WITNESS = "log.witness"
    WITNESS_CHANGE = "witness.change"
    WITNESS_READ = "witness.read"
    ALARM_RAISE = "alarm.raise"
    ALARM_READ = "alarm.read"
    ALARM_SEE = "alarm.see"
    TABLES_UPGRADE = "tables.upgrade"
    KEYS_RECONCILE = "keys.reconcile"
    CALL = "call"
    COMMAND = "command"
    LOG_SEND = "log.send"
    LOG_STREAM = "log.stream"
    LOG_EXPIRE = "log.expire"
    ACCOUNT_ADD = "account.add"
    FAMILY_NAMES = "account.family_names"
    ACCOUNT_VET = "account.vet"
    TOKEN_REVOKE = "token.revoke"
    SIGN_IN = "sign_in"
    KEYS_ROTATE = "keys.rotate"
    BACKUP = "backup"
    RESTORE = "restore"
    RETAIN = "retain"
    PEER_CHANGE = "peer.change"
    PEER_READ = "peer.read"
    EXCHANGE_SEND = "exchange.send"
    EXCHANGE_RECEIVE = "exchange.receive"
    EXCHANGE_KEYS = "exchange.keys"


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


_CASEWORK = frozenset(
    {
        Purpose.TRACING,
        Purpose.FAMILY_CONTACT,
        Purpose.REUNIFICATION,
        Purpose.CHILD_PROTECTION,
        Purpose.FATE_CLARIFICATION,
    }
)
_CARE = _CASEWORK | {Purpose.SUPERVISION, Purpose.DATA_SUBJECT_REQUEST}
_RIGHTS = frozenset({Purpose.DATA_SUBJECT_REQUEST, Purpose.SUPERVISION})
_OFFICE = frozenset({Purpose.ADMINISTRATION})
_AUDIT = frozenset({Purpose.AUDIT})
_OWN_RIGHTS = frozenset({Purpose.DATA_SUBJECT_REQUEST})

# Everybody with an account may say who their own relatives may be.
_OWN = {Verb.FAMILY_NAMES: _OFFICE}
# Who is told that something is wrong with the node or its log; nothing of a case is in it.
_WATCH = {
    Verb.WITNESS_READ: _OFFICE | {Purpose.AUDIT},
    Verb.ALARM_READ: _OFFICE | {Purpose.AUDIT},
    Verb.ALARM_SEE: _OFFICE | {Purpose.AUDIT},
}

# Asking for a second officer, and being one: for what the role may do anyway.
_FOUR_EYES = (Verb.APPROVAL_ASK, Verb.APPROVAL_READ, Verb.APPROVAL_GIVE)

_INTAKE = _OWN | {
    Verb.INTAKE_OPEN: _CASEWORK,
    Verb.ENQUIRY_RECEIVE: _CASEWORK,
    Verb.CASE_OPEN: _CASEWORK,
    Verb.MESSAGE_COLLECT: _CASEWORK,
    Verb.REGISTRATION_ADD: _CASEWORK,
}
_TRACING = _INTAKE | {
    Verb.ENQUIRY_READ: _CARE,
    Verb.ENQUIRY_LIST: _CARE,
    Verb.ENQUIRY_WORK: _CASEWORK,
    Verb.CASE_READ: _CARE,
    Verb.CASE_CHANGE: _CARE,
    Verb.CASE_LIST: _CARE,
    Verb.CASE_FILE: _CARE,
    Verb.CASE_WORK: _CARE,
    **dict.fromkeys((Verb.MESSAGE_READ, Verb.TASK_READ, Verb.TASK_WORK), _CARE),
    **dict.fromkeys((Verb.MESSAGE_WORK, Verb.MESSAGE_CARRY, Verb.TRANSMIT), _CASEWORK),
    Verb.FINDING_READ: _CARE,
    Verb.FINDING_WORK: _CARE,
    Verb.REGISTRATION_READ: _CARE,
    Verb.REGISTRATION_CHANGE: _CARE,
    Verb.REGISTRATION_LIST: _CARE,
    Verb.LIST_IMPORT: _CASEWORK,
    Verb.LIST_READ: _CARE,
    Verb.SEARCH: _CASEWORK,
    Verb.MATCH_READ: _CARE,
    Verb.MATCH_DECIDE: _CASEWORK,
}

ALLOWED: dict[Role, dict[Verb, frozenset[Purpose]]] = {
    Role.INTAKE_VOLUNTEER: _INTAKE,
    Role.TRACING_OFFICER: _TRACING,
    Role.SUPERVISOR: _TRACING
    | {
        Verb.CASE_ERASE: _RIGHTS,
        Verb.CASE_ASSIGN: _CARE,
        Verb.REGISTRATION_ERASE: _RIGHTS,
        Verb.LIST_TAKE_BACK: _RIGHTS | _CASEWORK,
        **dict.fromkeys(_FOUR_EYES, _CARE),
    },
    Role.DATA_PROTECTION_OFFICER: _OWN
    | {
        **dict.fromkeys(_FOUR_EYES, _RIGHTS),
        Verb.CASE_READ: _RIGHTS,
        Verb.CASE_LIST: _RIGHTS,
        Verb.CASE_FILE: _RIGHTS,
        Verb.CASE_ERASE: _RIGHTS,
        Verb.REGISTRATION_READ: _RIGHTS,
        Verb.REGISTRATION_LIST: _RIGHTS,
        Verb.REGISTRATION_ERASE: _RIGHTS,
        Verb.LIST_READ: _RIGHTS,
        Verb.LIST_TAKE_BACK: _RIGHTS,
        Verb.LOG_READ: _AUDIT | _OWN_RIGHTS,
        Verb.LOG_RESOLVE: _AUDIT | _OWN_RIGHTS,
        Verb.LOG_STATE: _OWN_RIGHTS,
        Verb.LOG_REVIEW: _AUDIT,
        Verb.LOG_FINDING_READ: _AUDIT,
        Verb.LOG_FINDING_DECIDE: _AUDIT,
        **_WATCH,
    },
    # An auditor starts from log ids; to tie one to a record is the data protection officer's.
    Role.AUDITOR: _OWN
    | _WATCH
    | {
        Verb.LOG_READ: _AUDIT,
        Verb.LOG_SEND: _AUDIT,
        Verb.LOG_REVIEW: _AUDIT,
        Verb.LOG_FINDING_READ: _AUDIT,
        Verb.LOG_FINDING_DECIDE: _AUDIT,
    },
    Role.ADMINISTRATOR: _OWN
    | _WATCH
    | {
        Verb.ACCOUNT_ADD: _OFFICE,
        Verb.ACCOUNT_VET: _OFFICE,
        Verb.TOKEN_REVOKE: _OFFICE,
        **dict.fromkeys(_FOUR_EYES, _OFFICE),
    },
    Role.SERVICE: {
        Verb.CASE_TELL: frozenset({Purpose.TRACING}),
        Verb.MESSAGE_TELL: frozenset({Purpose.TRACING}),
        Verb.MATCH_COMPARE: frozenset({Purpose.TRACING}),
        Verb.INDEX_LOAD: frozenset({Purpose.TRACING}),
        Verb.LIST_IMPORT: _CASEWORK,
        Verb.LIST_TAKE_BACK: _RIGHTS | _CASEWORK | _OFFICE,
        Verb.RETAIN: _OFFICE,
        Verb.LOG_SEQUENCE: _OFFICE,
        Verb.LOG_EXPORT: _AUDIT,
        Verb.LOG_READ: _AUDIT,
        Verb.LOG_RESOLVE: _AUDIT,
        Verb.LOG_REVIEW: _AUDIT,
        Verb.LOG_FINDING_READ: _AUDIT,
        Verb.LOG_STATE: _OWN_RIGHTS,
        Verb.LOG_WITNESS: _OFFICE,
        Verb.WITNESS_CHANGE: _OFFICE,
        **_WATCH,
        Verb.LOG_SEND: _AUDIT,
        Verb.LOG_STREAM: _OFFICE,
        Verb.LOG_EXPIRE: _OFFICE,
        Verb.SIGN_IN: _OFFICE,
        Verb.ACCOUNT_ADD: _OFFICE,
        Verb.ACCOUNT_VET: _OFFICE,
        Verb.TOKEN_REVOKE: _OFFICE,
        Verb.KEYS_ROTATE: _OFFICE,
        Verb.KEYS_RECONCILE: _OFFICE,
        Verb.BACKUP: _OFFICE,
        Verb.RESTORE: _OFFICE,
        Verb.PEER_CHANGE: _OFFICE,
        Verb.PEER_READ: _OFFICE,
        Verb.EXCHANGE_SEND: _OFFICE,
        Verb.EXCHANGE_KEYS: _OFFICE,
    },
    Role.PEER: {Verb.EXCHANGE_RECEIVE: _OFFICE},
}

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
