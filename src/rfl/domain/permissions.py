"""The table of roles, verbs and purposes; whatever is not in it is refused.

Data alone: `access.require` asks it, and adds branch, level and vetting. A row is a permission
of guide/security.md "May"; a verb that no role has is refused to everybody.
"""

from rfl.domain.purpose import CASEWORK, Purpose
from rfl.domain.verbs import Role, Verb

_CARE = CASEWORK | {Purpose.SUPERVISION, Purpose.DATA_SUBJECT_REQUEST}
_RIGHTS = frozenset({Purpose.DATA_SUBJECT_REQUEST, Purpose.SUPERVISION})
_OFFICE = frozenset({Purpose.ADMINISTRATION})
_AUDIT = frozenset({Purpose.AUDIT})
_OWN_RIGHTS = frozenset({Purpose.DATA_SUBJECT_REQUEST})

# Everybody with an account may sign in, may say who their own relatives may be, may make a token of
# their own, for no more than the one that they call with, and see to those that they have.
_TOKENS = (Verb.TOKEN_ADD, Verb.TOKEN_LIST, Verb.TOKEN_END)
_SIGNING = (Verb.SIGN_IN, Verb.SIGN_OUT, Verb.PASSWORD_CHANGE)
_OWN = dict.fromkeys((Verb.FAMILY_NAMES, *_TOKENS, *_SIGNING), _OFFICE)
# Who is told that something is wrong with the node or its log; nothing of a case is in it.
_WATCH = {
    Verb.WITNESS_READ: _OFFICE | {Purpose.AUDIT},
    Verb.ALARM_READ: _OFFICE | {Purpose.AUDIT},
    Verb.ALARM_SEE: _OFFICE | {Purpose.AUDIT},
    Verb.LOCKDOWN: _OFFICE | {Purpose.AUDIT},
}
# Two of these lift a lockdown; the node itself never does.
_LIFT = {Verb.LOCKDOWN_LIFT: _OFFICE}

# Asking for a second officer, and being one: for what the role may do anyway.
_FOUR_EYES = (Verb.APPROVAL_ASK, Verb.APPROVAL_READ, Verb.APPROVAL_GIVE)

_INTAKE = _OWN | {
    Verb.INTAKE_OPEN: CASEWORK,
    Verb.ENQUIRY_RECEIVE: CASEWORK,
    Verb.CASE_OPEN: CASEWORK,
    Verb.MESSAGE_COLLECT: CASEWORK,
    Verb.REGISTRATION_ADD: CASEWORK,
}
_TRACING = _INTAKE | {
    Verb.ENQUIRY_READ: _CARE,
    Verb.ENQUIRY_LIST: _CARE,
    Verb.ENQUIRY_WORK: CASEWORK,
    Verb.CASE_READ: _CARE,
    Verb.CASE_CHANGE: _CARE,
    Verb.CASE_LIST: _CARE,
    Verb.CASE_FILE: _CARE,
    Verb.CASE_WORK: _CARE,
    Verb.CASE_MERGE: _CARE,
    **dict.fromkeys((Verb.MESSAGE_READ, Verb.TASK_READ, Verb.TASK_WORK), _CARE),
    **dict.fromkeys((Verb.MESSAGE_WORK, Verb.MESSAGE_CARRY, Verb.TRANSMIT), CASEWORK),
    Verb.RECEIVED_READ: _CARE,
    Verb.RECALL_READ: _CARE,
    Verb.RECEIVED_WORK: CASEWORK,
    Verb.FINDING_READ: _CARE,
    Verb.FINDING_WORK: _CARE,
    Verb.DISCLOSURE_ASK: _CARE,
    Verb.DISCLOSURE_READ: _CARE,
    Verb.DISCLOSURE_DECIDE: _CARE,
    Verb.REGISTRATION_READ: _CARE,
    Verb.REGISTRATION_CHANGE: _CARE,
    Verb.REGISTRATION_LIST: _CARE,
    Verb.LIST_IMPORT: CASEWORK,
    Verb.LIST_READ: _CARE,
    Verb.SEARCH: CASEWORK,
    Verb.MATCH_READ: _CARE,
    Verb.MATCH_DECIDE: CASEWORK,
    Verb.GLASS_BREAK: CASEWORK,
}

# What an account that has broken the glass reads beyond its branch and of named persons only. It
# changes nothing there, and reads no finding; children's cases stay with those who are vetted.
_READING = frozenset({Verb.CASE_READ, Verb.CASE_FILE, Verb.REGISTRATION_READ})
WIDENED: dict[Role, frozenset[Verb]] = {
    Role.TRACING_OFFICER: _READING,
    Role.SUPERVISOR: _READING,
}

ALLOWED: dict[Role, dict[Verb, frozenset[Purpose]]] = {
    Role.INTAKE_VOLUNTEER: _INTAKE,
    Role.TRACING_OFFICER: _TRACING,
    Role.SUPERVISOR: _TRACING
    | {
        Verb.CASE_ERASE: _RIGHTS,
        Verb.CASE_ASSIGN: _CARE,
        Verb.REGISTRATION_ERASE: _RIGHTS,
        Verb.LIST_TAKE_BACK: _RIGHTS | CASEWORK,
        **dict.fromkeys(_FOUR_EYES, _CARE),
    },
    Role.DATA_PROTECTION_OFFICER: _OWN
    | {
        **dict.fromkeys(_FOUR_EYES, _RIGHTS),
        # Where a law compels, they alone decide, and are given nothing (P-09).
        Verb.DISCLOSURE_READ: _RIGHTS,
        Verb.DISCLOSURE_DECIDE: _RIGHTS,
        Verb.DISCLOSURE_COMPEL: _RIGHTS,
        Verb.CASE_READ: _RIGHTS,
        Verb.CASE_LIST: _RIGHTS,
        Verb.CASE_FILE: _RIGHTS,
        Verb.CASE_ERASE: _RIGHTS,
        # Of cases for named persons only, archived ones among them, they say who these are.
        Verb.CASE_ASSIGN: _RIGHTS,
        Verb.REGISTRATION_READ: _RIGHTS,
        Verb.REGISTRATION_LIST: _RIGHTS,
        Verb.REGISTRATION_ERASE: _RIGHTS,
        Verb.LIST_READ: _RIGHTS,
        Verb.LIST_TAKE_BACK: _RIGHTS,
        Verb.RECALL_READ: _RIGHTS,
        Verb.LOG_READ: _AUDIT | _OWN_RIGHTS,
        Verb.LOG_RESOLVE: _AUDIT | _OWN_RIGHTS,
        Verb.LOG_STATE: _OWN_RIGHTS,
        Verb.LOG_REVIEW: _AUDIT,
        Verb.LOG_FINDING_READ: _AUDIT,
        Verb.LOG_FINDING_DECIDE: _AUDIT,
        Verb.GLASS_READ: _RIGHTS | _AUDIT,
        Verb.GLASS_REVIEW: _RIGHTS,
        # On the node's machine alone, as for the node itself: no route asks for it.
        Verb.BREACH_LIST: _OWN_RIGHTS,
        **_WATCH,
        **_LIFT,
    },
    # An auditor starts from log ids; to tie one to a record is the data protection officer's.
    Role.AUDITOR: _OWN
    | _WATCH
    | {
        **dict.fromkeys(_FOUR_EYES, _AUDIT),
        Verb.LOG_READ: _AUDIT,
        Verb.LOG_SEND: _AUDIT,
        Verb.LOG_REVIEW: _AUDIT,
        Verb.GLASS_READ: _AUDIT,
        Verb.LOG_FINDING_READ: _AUDIT,
        Verb.LOG_FINDING_DECIDE: _AUDIT,
    },
    Role.ADMINISTRATOR: _OWN
    | _WATCH
    | _LIFT
    | {
        Verb.ACCOUNT_ADD: _OFFICE,
        Verb.ACCOUNT_VET: _OFFICE,
        Verb.ACCOUNT_LINK: _OFFICE,
        Verb.ACCOUNT_INVITE: _OFFICE,
        Verb.ACCOUNT_REMOVE: _OFFICE,
        Verb.TOKEN_REVOKE: _OFFICE,
        Verb.COMMAND_AGREE: _OFFICE,
        **dict.fromkeys(_FOUR_EYES, _OFFICE),
    },
    Role.SERVICE: {
        Verb.CASE_TELL: frozenset({Purpose.TRACING}),
        Verb.MESSAGE_TELL: frozenset({Purpose.TRACING}),
        Verb.PEER_TELL: frozenset({Purpose.TRACING}),
        Verb.MATCH_COMPARE: frozenset({Purpose.TRACING}),
        Verb.INDEX_LOAD: frozenset({Purpose.TRACING}),
        Verb.LIST_IMPORT: CASEWORK,
        Verb.LIST_TAKE_BACK: _RIGHTS | CASEWORK | _OFFICE,
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
        Verb.ACCOUNT_LINK: _OFFICE,
        Verb.ACCOUNT_INVITE: _OFFICE,
        Verb.ACCOUNT_ENROL: _OFFICE,
        Verb.ACCOUNT_REMOVE: _OFFICE,
        Verb.TOKEN_ADD: _OFFICE,
        Verb.TOKEN_REVOKE: _OFFICE,
        # On the node's machine alone: a stolen login must not learn which cases these are.
        Verb.HONEY_CHANGE: _OFFICE,
        Verb.HONEY_READ: _OFFICE,
        Verb.KEYS_ROTATE: _OFFICE,
        Verb.KEYS_RECONCILE: _OFFICE,
        Verb.BACKUP: _OFFICE,
        Verb.BREACH_LIST: _OFFICE,
        Verb.RESTORE: _OFFICE,
        Verb.PEER_CHANGE: _OFFICE,
        Verb.PEER_READ: _OFFICE,
        Verb.EXCHANGE_SEND: _OFFICE,
        Verb.EXCHANGE_RECEIVE: _OFFICE,
        Verb.EXCHANGE_KEYS: _OFFICE,
        Verb.RECALL_READ: _OFFICE,
    },
    Role.PEER: {Verb.EXCHANGE_RECEIVE: _OFFICE},
}
