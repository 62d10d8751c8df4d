"""Who acts and what is asked for: the roles and the verbs that `access` decides about."""

from enum import StrEnum


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
    CASE_MERGE = "case.merge"
    CASE_TELL = "case.tell"
    PEER_TELL = "peer.tell"
    FINDING_READ = "finding.read"
    FINDING_WORK = "finding.work"
    DISCLOSURE_ASK = "disclosure.ask"
    DISCLOSURE_READ = "disclosure.read"
    DISCLOSURE_DECIDE = "disclosure.decide"
    DISCLOSURE_COMPEL = "disclosure.compel"
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
    COMMAND_AGREE = "command.agree"
    MESSAGE_COLLECT = "message.collect"
    MESSAGE_READ = "message.read"
    MESSAGE_WORK = "message.work"
    MESSAGE_CARRY = "message.carry"
    MESSAGE_TELL = "message.tell"
    TASK_READ = "task.read"
    TASK_WORK = "task.work"
    TRANSMIT = "transmit"
    RECEIVED_READ = "received.read"
    RECEIVED_WORK = "received.work"
    RECALL_READ = "recall.read"
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
    LOCKDOWN = "lockdown"
    LOCKDOWN_LIFT = "lockdown.lift"
    GLASS_BREAK = "glass.break"
    GLASS_READ = "glass.read"
    GLASS_REVIEW = "glass.review"
    HONEY_CHANGE = "honey.change"
    HONEY_READ = "honey.read"
    TABLES_UPGRADE = "tables.upgrade"
    BREACH_LIST = "breach.list"
    ROLES_GRANT = "roles.grant"
    KEYS_RECONCILE = "keys.reconcile"
    CALL = "call"
    COMMAND = "command"
    LOG_SEND = "log.send"
    LOG_STREAM = "log.stream"
    LOG_EXPIRE = "log.expire"
    ACCOUNT_ADD = "account.add"
    FAMILY_NAMES = "account.family_names"
    ACCOUNT_VET = "account.vet"
    ACCOUNT_LINK = "account.link"
    ACCOUNT_INVITE = "account.invite"
    ACCOUNT_ENROL = "account.enrol"
    ACCOUNT_REMOVE = "account.remove"
    TOKEN_ADD = "token.add"
    TOKEN_REVOKE = "token.revoke"
    TOKEN_LIST = "token.list"
    TOKEN_END = "token.end"
    PASSWORD_CHANGE = "password.change"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    KEYS_ROTATE = "keys.rotate"
    BACKUP = "backup"
    RESTORE = "restore"
    RETAIN = "retain"
    PEER_CHANGE = "peer.change"
    PEER_READ = "peer.read"
    EXCHANGE_SEND = "exchange.send"
    EXCHANGE_RECEIVE = "exchange.receive"
    EXCHANGE_KEYS = "exchange.keys"


READING = frozenset(
    {
        Verb.ENQUIRY_READ,
        Verb.ENQUIRY_LIST,
        Verb.CASE_READ,
        Verb.CASE_LIST,
        Verb.CASE_FILE,
        Verb.FINDING_READ,
        Verb.DISCLOSURE_READ,
        Verb.REGISTRATION_READ,
        Verb.REGISTRATION_LIST,
        Verb.LIST_READ,
        Verb.APPROVAL_READ,
        Verb.MESSAGE_READ,
        Verb.TASK_READ,
        Verb.RECEIVED_READ,
        Verb.RECALL_READ,
        Verb.SEARCH,
        Verb.MATCH_READ,
        Verb.LOG_READ,
        Verb.LOG_RESOLVE,
        Verb.LOG_FINDING_READ,
        Verb.WITNESS_READ,
        Verb.ALARM_READ,
        Verb.GLASS_READ,
        Verb.TOKEN_LIST,
    }
)
"""What a token that only reads may ask for: each shows, and leaves every record as it was."""
