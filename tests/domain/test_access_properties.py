"""Properties of the access table that hold for every combination, however it is filled."""

import itertools
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rfl.domain.access import ALLOWED, WHOLE, Actor, Object, Role, Scope, Verb, require
from rfl.domain.answer import FOR_THE_ENQUIRER, Item
from rfl.domain.consent import Consent, ConsentForm, Use
from rfl.domain.ids import PersonId, new_id
from rfl.domain.purpose import Purpose
from rfl.domain.request import Level
from rfl.domain.told import Audience, Limits, told
from rfl.errors import InvalidInput, RflError
from tests.casework import DAY, make_answer, make_limits

BRANCHES = ("north", "south")
ACCOUNTS = ("acc_me", "acc_other")
LEVELS = (Level.NORMAL, Level.RESTRICTED, Level.NAMED_PERSONS_ONLY)
# What shows, or touches, what is known of people: names and findings, not the log of who read.
_PEOPLE = ("case", "registration", "enquiry", "finding", "match", "message", "list", "received")
ABOUT_PEOPLE = {verb for verb in Verb if verb.value.split(".")[0] in _PEOPLE}
ABOUT_PEOPLE |= {Verb.SEARCH, Verb.INTAKE_OPEN, Verb.TRANSMIT, Verb.TASK_READ, Verb.TASK_WORK}
ABOUT_PEOPLE |= {Verb.INDEX_LOAD, Verb.BACKUP, Verb.RESTORE}

scopes = st.builds(
    Scope, st.none() | st.frozensets(st.sampled_from(Purpose)), reads_only=st.booleans()
)
actors = st.builds(
    Actor,
    id=st.sampled_from(ACCOUNTS),
    role=st.sampled_from(Role),
    branch=st.sampled_from(BRANCHES),
    vetted=st.booleans(),
    scope=st.just(WHOLE) | scopes,
)
objects = st.builds(
    Object,
    branch=st.none() | st.sampled_from(BRANCHES),
    officer=st.none() | st.sampled_from(ACCOUNTS),
    level=st.sampled_from(LEVELS),
    child=st.booleans(),
)
verbs, purposes = st.sampled_from(Verb), st.none() | st.sampled_from(Purpose)


def passes(actor: Actor, verb: Verb, purpose: Purpose | None, on: Object | None) -> bool:
    try:
        require(actor, verb, purpose, on)
    except RflError:
        return False
    return True


@given(actors, verbs, purposes, st.none() | objects)
def test_nothing_passes_without_an_explicit_allow(
    actor: Actor, verb: Verb, purpose: Purpose | None, on: Object | None
) -> None:
    if passes(actor, verb, purpose, on):
        assert purpose is not None
        assert purpose in ALLOWED[actor.role][verb]
        assert actor.scope.allows(verb, purpose)


@given(actors, verbs, purposes, objects)
def test_what_is_known_of_a_record_only_ever_narrows(
    actor: Actor, verb: Verb, purpose: Purpose | None, on: Object
) -> None:
    if not passes(actor, verb, purpose, None):
        assert not passes(actor, verb, purpose, on)
    if passes(actor, verb, purpose, replace(on, child=True)):
        assert passes(actor, verb, purpose, replace(on, child=False))
    if passes(actor, verb, purpose, replace(on, level=Level.RESTRICTED)):
        assert passes(actor, verb, purpose, replace(on, level=Level.NORMAL))


@given(actors, verbs, purposes, objects)
def test_less_of_an_account_never_allows_more(
    actor: Actor, verb: Verb, purpose: Purpose | None, on: Object
) -> None:
    if not passes(replace(actor, vetted=True, scope=WHOLE), verb, purpose, on):
        assert not passes(actor, verb, purpose, on)


def test_administrators_and_auditors_never_read_cases() -> None:
    for role, verb, purpose in itertools.product(
        (Role.ADMINISTRATOR, Role.AUDITOR), ABOUT_PEOPLE, Purpose
    ):
        assert not passes(Actor("acc_me", role, "north", vetted=True), verb, purpose, None)


def test_a_verb_that_no_role_has_is_nobodys() -> None:
    given = {verb for row in ALLOWED.values() for verb in row}
    for verb in set(Verb) - given:
        for role, purpose in itertools.product(Role, Purpose):
            assert not passes(Actor("acc_me", role, "north"), verb, purpose, None)


# Consent: what is agreed to only ever adds.
items = st.frozensets(st.sampled_from(sorted(FOR_THE_ENQUIRER)))
# That authorities are told is agreed to alone: `tests/flows/test_authorities.py`.
_TOGETHER = [use for use in Use if use is not Use.AUTHORITY]
uses = st.frozensets(st.sampled_from(_TOGETHER), min_size=1)
limits = st.builds(
    make_limits, screened=st.booleans(), established=st.booleans(), policies=st.tuples(items)
)


@given(items, items, limits, st.sampled_from(Audience))
def test_less_agreed_to_never_tells_more(
    agreed: frozenset[Item], less: frozenset[Item], held: Limits, audience: Audience
) -> None:
    wide = told(held, make_answer(*agreed), None, audience, DAY)
    narrow = told(held, make_answer(*(agreed & less)), None, audience, DAY)
    assert narrow.items <= wide.items
    assert told(held, None, None, audience, DAY).items == frozenset()


@given(uses, st.sets(st.sampled_from(["south", "east", "cta"])), st.sampled_from(Use))
def test_less_consent_never_covers_more(
    agreed: frozenset[Use], recipients: set[str], asked: Use
) -> None:
    whole = _covers(agreed, recipients, asked)
    assert whole or not _covers(agreed, recipients - {"south"}, asked)
    for left_out in agreed:
        assert whole or not _covers(agreed - {left_out}, recipients, asked)


def _covers(agreed: frozenset[Use], recipients: set[str], asked: Use) -> bool:
    """True if such a consent, where it can be kept at all, reaches this use by one society."""
    try:
        consent = Consent(
            person=PersonId(new_id("per")),
            uses=agreed,
            form=ConsentForm.SIGNED,
            given_on=DAY,
            recipients=tuple(sorted(recipients)),
        )
    except InvalidInput:
        return False
    return consent.covers(asked, DAY, "south")
