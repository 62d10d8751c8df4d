"""Who may call: accounts, tokens, sign-in."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import msgspec

from rfl.crypto.sealing import Spot
from rfl.domain import text
from rfl.domain.access import Actor, Role, Verb
from rfl.domain.approval import Approves, Exact
from rfl.domain.groups import Half
from rfl.domain.ids import AccountId, check_id, id_of, new_id
from rfl.errors import (
    BadEnvelope,
    InvalidInput,
    IssuerUnavailable,
    NotFound,
    NotSignedIn,
    TooManyCalls,
)
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime, require_second
from rfl.signin.issuer import Issuer
from rfl.storage import accounts, ledger, tokens, vault
from rfl.storage.work import micros


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A new account and its token, which is shown once and kept only as a hash."""

    account: str
    token_id: str
    token: str = field(repr=False)


def add_account(rt: Runtime, call: Call, role: Role, branch: str, name: str) -> NewAccount:
    """Make an account with one token, with a second officer. The holder's name is sealed."""
    text.line(name, "name", 200)
    if not branch.replace("-", "").isalnum() or len(branch) > 40:
        raise InvalidInput("branch", "must be at most 40 letters, digits and hyphens")
    if role in (Role.SERVICE, Role.PEER):
        raise InvalidInput("role", "the node itself and other societies have no account")
    with rt.begin(call, Verb.ACCOUNT_ADD) as work:
        work.require()
        require_second(rt, work, call, Exact(Approves.ROLE_GRANT, role, (branch, name)))
        account = AccountId(new_id("acc"))
        _keys, key_row = vault.fresh_keys(work, account)
        vault.keep_keys(work, [key_row])
        spot = Spot("accounts", "details", account, account)
        details = vault.sealed_value(work, spot, Half.REST, msgspec.json.encode({"name": name}))
        values = {"id": account, "role": role, "branch": branch, "active": True}
        accounts.add(work, values | {"created_at": work.micros, "details": details})
        ends = work.now + timedelta(days=rt.rules.token_days)
        issued = tokens.issue(work, account, micros(ends))
        ledger.append(work, reason=role)
    return NewAccount(account, issued.id, issued.token)


def vet_account(rt: Runtime, call: Call, account: str, until: date) -> None:
    """Let an account work with children up to and with this day (P-20), or raise NotFound.

    It widens what an account may open, so it needs a second officer like the grant of a role.
    """
    check_id(account, "acc")
    ends = datetime.combine(until + timedelta(days=1), time(), rt.rules.zone)
    with rt.begin(call, Verb.ACCOUNT_VET) as work:
        work.require()
        require_second(rt, work, call, Exact(Approves.ROLE_GRANT, account, (until.isoformat(),)))
        if not accounts.vet(work, account, micros(ends)):
            raise NotFound
        ledger.append(work)


def revoke_token(rt: Runtime, call: Call, token_id: str) -> None:
    """Revoke a token at once, or raise NotFound."""
    check_id(token_id, "tok")
    with rt.begin(call, Verb.TOKEN_REVOKE) as work:
        work.require()
        if not tokens.revoke(work, token_id):
            raise NotFound
        ledger.append(work)


def sign_in(rt: Runtime, token: str | None, client: str = "http") -> Actor:
    """Return whom the token speaks for, or raise; failures are entries, counted by the minute.

    It is one of this node's own, or an access token of the society's identity provider. Role and
    branch are the account's in either case, whatever the token says. TooManyCalls for an account
    that calls more often than its share.
    """
    try:
        if not token:
            raise NotSignedIn
        if rt.issuer is not None and not token.startswith(tokens.MARK):
            actor = _subject(rt, rt.issuer, token, client)
        else:
            actor = _bearer(rt, token, client)
    except (NotSignedIn, IssuerUnavailable) as error:
        rt.enter_failed(rt.attempts.add(micros(rt.clock())), Verb.SIGN_IN, error.code)
        raise
    _require_left(rt, actor)
    return actor


def _require_left(rt: Runtime, actor: Actor) -> None:
    """Count the call, or raise TooManyCalls; the first refusal of a minute is an entry."""
    at = micros(rt.clock())
    if rt.office_calls.take(actor.id, at):
        return
    refused = TooManyCalls()
    if rt.office_calls.refuse(actor.id, at):
        rt.refuse(Call(actor, None), Verb.CALL, refused)
    raise refused


def enter_failed_sign_ins(rt: Runtime, *, ending: bool = False) -> None:
    """Enter the failed sign-ins of the minute that has ended; `ending`: of this one too.

    So too the calls in other societies' place that no trusted one had signed, and those by which
    one has called too often.
    """
    with rt.ask(OFFICE_CALL, Verb.SIGN_IN) as work:
        at = work.micros
    for attempts, verb, code in (
        (rt.attempts, Verb.SIGN_IN, NotSignedIn.code),
        (rt.strangers, Verb.EXCHANGE_RECEIVE, BadEnvelope.code),
    ):
        rt.enter_failed(attempts.rest() if ending else attempts.due(at), verb, code)
    for peer, refused in rt.calls.refused.items():
        count = refused.rest() if ending else refused.due(at)
        rt.enter_failed(count, Verb.EXCHANGE_RECEIVE, TooManyCalls.code, peer)


def _bearer(rt: Runtime, token: str, client: str) -> Actor:
    with rt.ask(OFFICE_CALL, Verb.SIGN_IN) as work:
        found = tokens.bearer(work, token)
    if found is None:
        raise NotSignedIn
    return Actor(
        id=found.account,
        role=found.role,
        branch=found.branch,
        session=found.token,
        client=client,
        vetted=_is_before(rt, found.vetted_until),
        scope=found.scope,
        broken_glass=_is_before(rt, found.glass_until),
    )


def _subject(rt: Runtime, issuer: Issuer, token: str, client: str) -> Actor:
    """Return the account of an access token's subject; the log's session is the token's id."""
    said = issuer.verify(token, rt.clock())
    digest = accounts.subject_hash(rt.agent, issuer.expected.issuer, said.subject)
    with rt.ask(OFFICE_CALL, Verb.SIGN_IN) as work:
        found = accounts.holder(work, digest)
    if found is None:
        raise NotSignedIn
    return Actor(
        id=found.account,
        role=found.role,
        branch=found.branch,
        session=id_of("ses", rt.agent.keyed_hash("session", said.id.encode("utf-8"))),
        client=client,
        vetted=_is_before(rt, found.vetted_until),
        broken_glass=_is_before(rt, found.glass_until),
    )


def _is_before(rt: Runtime, until: int | None) -> bool:
    return until is not None and micros(rt.clock()) < until
