"""The statement for a data subject: everything about them, and no hint of anybody else."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfl.audit import statement
from rfl.audit.statement import Account, Concerned, Use
from rfl.domain.access import Role, Verb
from rfl.domain.entry import Decision, Entry, written_time
from rfl.domain.groups import Group
from rfl.domain.ids import new_id
from rfl.domain.purpose import Purpose

CASE, ENQUIRER, MOTHER, ELSEWHERE = (new_id("log") for _ in range(4))
OFFICER = new_id("acc")
ZONE = ZoneInfo("Europe/Skopje")
MOMENT = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
AS_MOTHER = Concerned(CASE, MOTHER, frozenset({ENQUIRER}), has_contact=False)
AS_ENQUIRER = Concerned(CASE, ENQUIRER, frozenset({MOTHER}))


def make_entry(action: Verb = Verb.CASE_READ, *objects: str, **fields: object) -> Entry:
    """An officer's reading of the case, unless told otherwise."""
    said: dict[str, object] = {
        "at": written_time(MOMENT),
        "actor": OFFICER,
        "role": Role.TRACING_OFFICER,
        "client": "http",
        "action": action,
        "purpose": Purpose.TRACING,
        "objects": objects or (CASE,),
        "policy": "1",
    }
    return Entry(**said | fields)  # type: ignore[arg-type]


def told(entry: Entry, who: Concerned = AS_MOTHER, **accounts: Account) -> Use | None:
    found = statement.concerning([entry], who)
    [use] = statement.uses(found, who, accounts, ZONE) or [None]
    return use


CONCERNS = [
    ((CASE,), True, True),
    ((CASE, ENQUIRER, MOTHER), True, True),
    ((CASE, MOTHER), True, False),
    ((CASE, ENQUIRER), False, True),
    ((ELSEWHERE, CASE), True, True),
    ((ENQUIRER,), False, True),
    ((ELSEWHERE,), False, False),
]


@pytest.mark.parametrize(("objects", "mother", "enquirer"), CONCERNS)
def test_an_entry_about_another_person_of_the_record_is_left_out(
    objects: tuple[str, ...], *, mother: bool, enquirer: bool
) -> None:
    entry = make_entry(Verb.CASE_READ, *objects)
    assert bool(statement.concerning([entry], AS_MOTHER)) is mother
    assert bool(statement.concerning([entry], AS_ENQUIRER)) is enquirer


WORDS = [
    (make_entry(Verb.CASE_OPEN), "Your data was entered"),
    (make_entry(Verb.CASE_READ), "Your data was read"),
    (make_entry(Verb.CASE_CHANGE), "Your data was changed"),
    (make_entry(Verb.RETAIN), "Your data was erased"),
    (make_entry(Verb.LOG_READ), "The log of the uses of your data was read"),
    (make_entry(Verb.SEARCH, ELSEWHERE, CASE), "You were shown among others in a search"),
    (make_entry(Verb.SEARCH), "Your record was used in the search for relatives"),
    (make_entry(decision=Decision.DENIED), "Access to your data was refused"),
    (make_entry(peer="south", groups=(Group.IDENTITY,)), "Your data was sent"),
    (make_entry(Verb.BACKUP), "Your data was used"),
]


@pytest.mark.parametrize(("entry", "what"), WORDS)
def test_each_kind_of_use_has_its_words(entry: Entry, what: str) -> None:
    use = told(entry)
    assert use is not None
    assert use.what == what


def test_every_purpose_and_role_has_words() -> None:
    for purpose in Purpose:
        use = told(make_entry(purpose=purpose))
        assert use is not None
        assert use.why is not None
    for role in Role:
        use = told(make_entry(role=role))
        assert use is not None
        assert not use.by.startswith("somebody")


FOUND = [Verb.SEARCH, Verb.MATCH_READ, Verb.MATCH_DECIDE, Verb.MATCH_COMPARE]


@pytest.mark.parametrize("found", FOUND)
def test_nothing_tells_a_family_that_a_search_has_found_somebody(found: Verb) -> None:
    """A decision about a proposal reads like any search for the case (P-01)."""
    plain = told(make_entry(Verb.SEARCH))
    decided = make_entry(found, groups=(Group.RESULT, Group.IDENTITY), count=3, reason="confirmed")
    assert told(decided) == plain


def test_the_contact_of_a_case_is_told_to_its_enquirer_alone() -> None:
    entry = make_entry(groups=(Group.IDENTITY, Group.CONTACT))
    enquirer, mother = told(entry, AS_ENQUIRER), told(entry, AS_MOTHER)
    assert enquirer is not None
    assert mother is not None
    assert len(enquirer.data) == 2
    assert len(mother.data) == 1


def test_whoever_used_the_data_is_told_by_role_and_branch_or_by_name_if_the_policy_says() -> None:
    by_branch = told(make_entry(), **{OFFICER: Account("ohrid")})
    by_name = told(make_entry(), **{OFFICER: Account("ohrid", "Elena Petrova")})
    assert by_branch is not None
    assert by_name is not None
    assert by_branch.by == "a tracing officer of the branch ohrid"
    assert by_name.by == "Elena Petrova, a tracing officer of the branch ohrid"


def test_a_statement_is_read_in_the_societys_time() -> None:
    use = told(make_entry(groups=(Group.IDENTITY,)), **{OFFICER: Account("ohrid")})
    assert use is not None
    assert statement.as_text([use]) == (
        "2026-07-02 00:30 CEST: Your data was read (names, family, birth and places), "
        "by a tracing officer of the branch ohrid, to trace missing relatives.\n"
    )


def test_to_whom_it_was_sent_is_told_by_the_peers_code() -> None:
    sent = told(make_entry(peer="south", groups=(Group.IDENTITY,)))
    assert sent is not None
    assert sent.sent_to == "south"
    assert "sent to the society south" in statement.as_text([sent])
    asked = told(make_entry(peer="south", role="peer"))
    assert asked is not None
    assert (asked.sent_to, asked.by) == (None, "another society")


entries = st.builds(
    make_entry,
    st.sampled_from(list(Verb)),
    st.sampled_from([CASE, ELSEWHERE]),
    st.sampled_from([MOTHER, ENQUIRER, ELSEWHERE, CASE]),
    count=st.integers(0, 10),
    groups=st.lists(st.sampled_from([*Group]), unique=True).map(tuple),
    decision=st.sampled_from([*Decision]),
    reason=st.sampled_from([None, "confirmed", "forbidden"]),
)


@given(st.lists(entries, max_size=20), st.integers(2, 10))
def test_no_statement_holds_an_id_a_count_or_another_persons_share(
    found: list[Entry], more: int
) -> None:
    """What others' entries say, how many were shown and what was decided changes nothing."""
    about = statement.concerning(found, AS_MOTHER)
    text = statement.as_text(statement.uses(about, AS_MOTHER, {}, ZONE))
    assert not re.search(r"(log|acc|ent|cas|tok|req)_[0-9a-z]{26}", text)
    others = [make_entry(Verb.CASE_CHANGE, CASE, ENQUIRER), make_entry(Verb.SEARCH, ELSEWHERE)]
    with_others = statement.concerning([*found, *others * more], AS_MOTHER)
    assert statement.as_text(statement.uses(with_others, AS_MOTHER, {}, ZONE)) == text
