"""Ways to sign in, given and taken: subjects of the identity provider, tokens, whole accounts."""

from datetime import timedelta

from rfl.domain import text
from rfl.domain.access import WHOLE, Scope, Verb
from rfl.domain.approval import Approves, Exact
from rfl.domain.ids import check_id
from rfl.errors import Conflict, InvalidInput, NotFound
from rfl.flows.runtime import Call, Runtime, require_second
from rfl.storage import accounts, ledger, tokens
from rfl.storage.tokens import Issued, Live
from rfl.storage.work import micros

ELSEWHERE_DAYS = 1
MOST_SHOWN = 200


def link_account(rt: Runtime, call: Call, account: str, subject: str) -> None:
    """Let a subject of the identity provider (`sub`) sign in as an account, or raise NotFound.

    Who links could sign in, so it needs a second officer like the grant of a role.
    """
    check_id(account, "acc")
    text.line(subject, "subject", 255)
    with rt.begin(call, Verb.ACCOUNT_LINK) as work:
        work.require()
        if rt.issuer is None:
            raise Conflict("The node has no identity provider: set RFL_OIDC_ISSUER.")
        require_second(rt, work, call, Exact(Approves.ROLE_GRANT, account, (subject,)))
        digest = accounts.subject_hash(rt.agent, rt.issuer.expected.issuer, subject)
        accounts.link(work, account, digest)
        ledger.append(work)


def remove_account(rt: Runtime, call: Call, account: str) -> None:
    """End an account and its tokens at once, or raise NotFound. What it has done stays."""
    check_id(account, "acc")
    with rt.begin(call, Verb.ACCOUNT_REMOVE) as work:
        work.require()
        accounts.remove(work, account)
        tokens.revoke_all(work, account)
        ledger.append(work)


def add_own_token(rt: Runtime, call: Call, scope: Scope, days: int) -> Issued:
    """Make a token for the caller's own account, shown once.

    It is for no more than the token that the call came with, and ends with it, at the latest; with
    an access token of the identity provider, whose end the node does not hear of, after a day.
    """
    if call.purpose is None or call.actor.session is None:
        raise InvalidInput("token", "must be made by the holder of an account")
    with rt.begin(call, Verb.TOKEN_ADD) as work:
        work.require()
        given = _checked(rt, days)
        is_ours = call.actor.session.startswith("tok_")
        ends = micros(work.now + timedelta(days=given if is_ours else min(given, ELSEWHERE_DAYS)))
        narrowed = scope.within(call.actor.scope)
        made = tokens.issue(work, call.actor.id, ends, narrowed, call.actor.session)
        ledger.append(work, reason="narrower" if narrowed != WHOLE else None)
    return made


def add_token(rt: Runtime, call: Call, account: str, scope: Scope, days: int) -> Issued:
    """Make a token for an account, shown once, or raise NotFound; for commands on the machine."""
    check_id(account, "acc")
    with rt.begin(call, Verb.TOKEN_ADD) as work:
        work.require()
        require_second(rt, work, call, Exact(Approves.ROLE_GRANT, account, ("token",)))
        if not accounts.is_live(work, account):
            raise NotFound
        ends = micros(work.now + timedelta(days=_checked(rt, days)))
        made = tokens.issue(work, account, ends, scope)
        ledger.append(work, reason="narrower" if scope != WHOLE else None)
    return made


def list_own_tokens(rt: Runtime, call: Call) -> list[Live]:
    """Return the caller's own tokens that still work, sign-ins among them, the newest first."""
    with rt.begin(call, Verb.TOKEN_LIST) as work:
        work.require()
        found = tokens.live(work, call.actor.id, MOST_SHOWN)
        ledger.append(work, count=len(found))
    return found


def end_own_token(rt: Runtime, call: Call, token_id: str) -> None:
    """End one of the caller's own tokens and what was made with it, or raise NotFound.

    Somebody else's answers as one that does not exist.
    """
    check_id(token_id, "tok")
    with rt.begin(call, Verb.TOKEN_END) as work:
        work.require()
        if not tokens.is_of(work, token_id, call.actor.id) or not tokens.revoke(work, token_id):
            raise NotFound
        ledger.append(work)


def _checked(rt: Runtime, days: int) -> int:
    if not 1 <= days <= rt.rules.token_days:
        raise InvalidInput("days", f"must be 1 to {rt.rules.token_days}")
    return days
