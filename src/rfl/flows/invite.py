"""Invite the holder of a built-in account to choose a password; and take what they choose."""

from dataclasses import dataclass, field
from datetime import timedelta

from rfl.domain import text
from rfl.domain.access import Verb
from rfl.domain.approval import Approves, Exact
from rfl.domain.ids import check_id
from rfl.errors import InvalidInput, NotFound, NotSignedIn
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime, require_second
from rfl.signin import code, password
from rfl.storage import accounts, ledger, logins, tokens
from rfl.storage.work import micros

VALID_FOR = timedelta(hours=72)
NAME_LIMIT = 64


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation, which is shown once, and the moment at which it ends."""

    ends_at: int
    invitation: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The secret of the one-time codes, which is shown once, and the mark of this device."""

    account: str
    secret: str = field(repr=False)
    address: str = field(repr=False)
    device: str = field(repr=False)


def invite(rt: Runtime, call: Call, account: str) -> Invited:
    """Invite the holder of an account to choose name and password, or raise NotFound.

    This is how a forgotten password or a lost telephone is replaced too: two people agree to it.
    """
    check_id(account, "acc")
    with rt.begin(call, Verb.ACCOUNT_INVITE) as work:
        work.require()
        require_second(rt, work, call, Exact(Approves.ROLE_GRANT, account, ("invitation",)))
        if not accounts.is_live(work, account):
            raise NotFound
        ends_at = micros(work.now + VALID_FOR)
        made = logins.invite(work, account, ends_at)
        ledger.append(work)
    return Invited(ends_at, made)


def accept_invitation(rt: Runtime, invitation: str, name: str, chosen: str) -> Enrolled:
    """Keep name and password, or raise NotSignedIn; every token that there was ends.

    So who made the account, or held its last login, holds nothing of it any more.
    """
    if len(text.line(name, "name")) > NAME_LIMIT:
        raise InvalidInput("name", f"must be at most {NAME_LIMIT} characters")
    plain = password.checked(chosen, name, rt.rules.called)
    with rt.ask(OFFICE_CALL, Verb.ACCOUNT_ENROL) as work:
        account = logins.invited(work, invitation)
    if account is None:
        rt.enter_failed(rt.attempts.add(micros(rt.clock())), Verb.SIGN_IN, NotSignedIn.code)
        raise NotSignedIn
    kept = password.hashed(logins.password_hash(rt.agent, account, plain))
    with rt.begin(OFFICE_CALL, Verb.ACCOUNT_ENROL) as work:
        if logins.invited(work, invitation) != account:
            raise NotSignedIn
        login = logins.put(work, account, logins.name_hash(rt.agent, name), kept)
        tokens.revoke_all(work, account)
        ledger.append(work)
    secret = code.secret_of(logins.code_secret(rt.agent, login))
    address = code.address(secret, rt.rules.society, account)
    until = micros(rt.clock() + timedelta(days=logins.DEVICE_DAYS))
    return Enrolled(account, secret, address, logins.device_mark(rt.agent, login, until))
