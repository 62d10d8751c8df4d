"""Sign in with name, password and one-time code, for as long as a day's work; sign out; and choose
another password.

Whether there is such an account does not show: not in the answer, not in the work that is done
before it, not in when tries are refused.
"""

import hmac
from dataclasses import dataclass, field
from datetime import timedelta

from rfl.domain.access import Actor, Role, Verb, require
from rfl.domain.masked import Masked
from rfl.domain.purpose import Purpose
from rfl.errors import Conflict, Forbidden, NotFound, NotSignedIn, TooManyAttempts
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.signin import code, password
from rfl.signin.gate import TRIES, WINDOW
from rfl.storage import ledger, logins, tokens, tries
from rfl.storage.logins import Login
from rfl.storage.work import Work, micros

_NOBODY = "acc_nobody"
_NOT_PROVEN = "Name, password and code must be those of the account that calls."


@dataclass(frozen=True, slots=True, repr=False)
class Proof(Masked):
    """What somebody gives who signs in; `device` is the mark of a sign-in before, if any."""

    name: str
    password: str
    code: str
    device: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A short sign-in's token and the device's new mark, which are shown once."""

    token_id: str
    ends_at: int
    token: str = field(repr=False)
    device: str = field(repr=False)


def begin_session(rt: Runtime, proof: Proof) -> Session:
    """Return a token that ends soon, or raise NotSignedIn or TooManyAttempts.

    The failures of a minute are entries, with their count; each success is one.
    """
    try:
        return _begin(rt, _proven(rt, proof))
    except (NotSignedIn, TooManyAttempts) as error:
        if not error.entered:
            rt.enter_failed(rt.attempts.add(micros(rt.clock())), Verb.SIGN_IN, error.code)
        raise


def end_session(rt: Runtime, call: Call) -> None:
    """Revoke the token that the call came with, or raise NotFound if it is not of this node."""
    with rt.begin(call, Verb.SIGN_OUT) as work:
        work.require()
        if not tokens.revoke(work, call.actor.session or ""):
            raise NotFound
        ledger.append(work)


def change_password(rt: Runtime, call: Call, proof: Proof, chosen: str) -> None:
    """Keep another password of the caller's, who proves anew who they are; or raise Forbidden.

    Tries are counted with those to sign in. Every other token of theirs ends: whoever had learnt
    the password holds nothing by it any more.
    """
    with rt.attempt(call, Verb.PASSWORD_CHANGE):
        require(call.actor, Verb.PASSWORD_CHANGE, call.purpose)
        plain = password.checked(chosen, proof.name, rt.rules.called)
        try:
            proven = _proven(rt, proof)
        except NotSignedIn:
            raise Forbidden(_NOT_PROVEN) from None
        kept = password.hashed(logins.password_hash(rt.agent, proven.login.account, plain))
        with rt.begin(call, Verb.PASSWORD_CHANGE) as work:
            _require_theirs(work, proven)
            if not logins.renew(work, proven.login, kept):
                raise Conflict("The password was changed a moment ago.")
            tries.forgive(work, proven.lane, known=proven.known)
            tokens.revoke_all(work, proven.login.account, but=call.actor.session)
            ledger.append(work)


def _require_theirs(work: Work, proven: "_Proven") -> None:
    """Use the code, of the caller's own account, or raise Forbidden."""
    work.require()
    is_theirs = proven.login.account == work.actor.id
    if not is_theirs or not logins.use_step(work, proven.login.account, proven.step):
        raise Forbidden(_NOT_PROVEN)


@dataclass(frozen=True, slots=True, repr=False)
class _Proven(Masked):
    """Whose password and code these are, where tries were counted, and a newer hash if any."""

    login: Login
    step: int
    lane: bytes
    known: bool
    renewed: str | None


def _proven(rt: Runtime, proof: Proof) -> _Proven:
    """Return whose password and code these are. All is worked out for nobody too."""
    name = logins.name_hash(rt.agent, proof.name)
    with rt.ask(OFFICE_CALL, Verb.SIGN_IN) as work:
        found = logins.find(work, name)
    login = found or _nobody(name)
    known = _is_known(rt, login, proof.device)
    lane = logins.device_hash(rt.agent, proof.device) if known else name
    rt.gate.enter(lane, micros(rt.clock()))
    given = logins.password_hash(rt.agent, login.account, password.normal(proof.password))
    with rt.gate.working(known=known):
        _count(rt, lane, known=known)
        fits = password.fits(login.password, given)
        outdated = fits and password.is_outdated(login.password)
        renewed = password.hashed(given) if outdated else None
    secret = code.secret_of(logins.code_secret(rt.agent, login))
    step = code.step_of(secret, proof.code, rt.clock().timestamp())
    if not fits or step is None or found is None:
        raise NotSignedIn
    rt.gate.forgive(lane)
    return _Proven(found, step, lane, known, renewed)


def _count(rt: Runtime, lane: bytes, *, known: bool) -> None:
    """Count a try with those of every process before it is made, or raise TooManyAttempts."""
    with rt.begin(OFFICE_CALL, Verb.SIGN_IN) as work:
        count = tries.count(work, lane, WINDOW, known=known)
    if count > TRIES:
        raise TooManyAttempts


def _begin(rt: Runtime, proven: _Proven) -> Session:
    login = proven.login
    actor = Actor(login.account, login.role, login.branch)
    with rt.begin(Call(actor, Purpose.ADMINISTRATION), Verb.SIGN_IN) as work:
        if not logins.use_step(work, login.account, proven.step):
            raise NotSignedIn
        tries.forgive(work, proven.lane, known=proven.known)
        if proven.renewed is not None:
            logins.renew(work, login, proven.renewed)
        ends_at = micros(work.now + timedelta(minutes=rt.rules.sign_in_minutes))
        made = tokens.issue(work, login.account, ends_at)
        ledger.append(work, reason="password")
    until = micros(rt.clock() + timedelta(days=logins.DEVICE_DAYS))
    device = logins.device_mark(rt.agent, login, until)
    return Session(made.id, ends_at, made.token, device)


def _is_known(rt: Runtime, login: Login, device: str) -> bool:
    """True if this device has signed in as this account, and not too long ago."""
    until, _, _mark = device.removeprefix(logins.DEVICE_MARK).partition("_")
    moment = int(until) if until.isdecimal() and len(until) < 20 else 0
    right = logins.device_mark(rt.agent, login, moment)
    is_right = hmac.compare_digest(right.encode(), device.encode("utf-8"))
    return is_right and moment > micros(rt.clock())


def _nobody(name: bytes) -> Login:
    return Login(_NOBODY, Role.INTAKE_VOLUNTEER, "", password.nobodys(), name)
