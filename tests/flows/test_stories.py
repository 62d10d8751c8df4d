"""The story of one case each: what the officers do, and what the family hears at the end."""

from dataclasses import replace
from datetime import date

import pytest

from rfl.background import settle
from rfl.domain.answer import Item
from rfl.domain.care import FoundChild, Side
from rfl.domain.casefile import Ending, Kind
from rfl.domain.consent import InformationNotice
from rfl.domain.desk import Waits
from rfl.domain.journal import Lead
from rfl.domain.match import MatchKind, MatchState
from rfl.domain.person import Kin, Name, Relation, Sex
from rfl.domain.registration import SourceKind, Status
from rfl.domain.request import Method
from rfl.domain.states import Inside, Outside
from rfl.errors import Erased, Forbidden, InvalidInput, NotFound
from rfl.flows import report_death, seek
from rfl.flows.accompany import lead_search
from rfl.flows.close import close_case, reopen_case
from rfl.flows.decide import decide_match, list_duplicates, list_matches
from rfl.flows.enrol import add_registration
from rfl.flows.erase import erase_case
from rfl.flows.queue import Queue, list_searches
from rfl.flows.read_file import read_file
from rfl.flows.read_search import read_search
from rfl.flows.reunite import reunite
from rfl.flows.review import change_case
from rfl.flows.runtime import Runtime
from rfl.flows.send_message import collect_message, read_message
from rfl.flows.suspend import suspend_case, take_up_case
from rfl.flows.tell import tell_due
from rfl.interchange.profile import shipped_profile
from tests.casework import make_death, make_representative, make_screening
from tests.flows.parties import cases_in, sees, told_and_closed, waits_for
from tests.flows.test_beside import make_shared
from tests.flows.test_messages import LETTER
from tests.office import Desk, make_account, open_desk
from tests.support import OFFICER, SUPERVISOR, Clock, make_person, make_registration, make_request


@pytest.fixture
def rt(sqlite_rt: Runtime) -> Runtime:
    """One database is enough for a story."""
    return sqlite_rt


def with_policy(rt: Runtime, name: str) -> None:
    """Give the node another profile that ships."""
    rt.rules = replace(rt.rules, policy=shipped_profile(name))


def from_match(desk: Desk, kind: MatchKind) -> Lead:
    """Confirm the first proposal of the case and make a lead of it."""
    settle(desk.rt)
    proposal = list_matches(desk.rt, desk.searcher, desk.case)[0]
    assert proposal.evidence.kind is kind
    decide_match(
        desk.rt, desk.searcher, proposal.row.id, 1, MatchState.CONFIRMED, "The same brothers"
    )
    by = desk.searcher.actor.id
    return Lead(desk.rt.clock(), by, proposal.row.id, "A confirmed match")


def followed(desk: Desk, lead: Lead) -> None:
    """Open the lead and let the second of the team verify it: the person is located."""
    rt = desk.rt
    seek.open_lead(rt, desk.searcher, desk.case, desk.journal.version, (desk.person, lead))
    waits_for(desk, Waits.VERIFICATION)
    with pytest.raises(Forbidden, match="second officer"):
        seek.verify_lead(rt, desk.searcher, desk.case, desk.journal.version, desk.person)
    seek.verify_lead(rt, desk.second, desk.case, desk.journal.version, desk.person)
    waits_for(desk, Waits.CONSULTATION)
    sees(desk, Inside.LOCATED, Outside.SEARCHING)


def test_transit_camp_where_both_sides_search_for_each_other(rt: Runtime) -> None:
    son = {"sex": Sex.MALE, "birth": "1990-04-12"}
    mother = {"sex": Sex.FEMALE, "birth": "1961"}
    theirs = make_request(
        make_person("مريم حسيني", **mother), make_person("علي حسيني", **son), methods=VISITS
    )
    hers = open_desk(rt, theirs).judged().accepted()
    his = make_request(make_person("Ali Hosseini", **son), make_person("Maryam Hosseini", **mother))
    desk = open_desk(rt, his).judged().accepted()
    followed(desk, from_match(desk, MatchKind.BOTH_SEARCHING))
    desk.answered(Item.ALIVE_AND_WELL, Item.PHONE)
    sees(desk, Inside.ANSWERED, Outside.INFORMATION_GIVEN, Item.ALIVE_AND_WELL, Item.PHONE)
    sees(hers, Inside.SEARCHING, Outside.SEARCHING)
    hers.located().answered(Item.ALIVE_AND_WELL, Item.ADDRESS)
    sees(hers, Inside.ANSWERED, Outside.INFORMATION_GIVEN, Item.ALIVE_AND_WELL, Item.ADDRESS)
    for side in (desk, hers):
        told_and_closed(side)


VISITS = frozenset({Method.VISIT})


def test_eritrean_son_found_along_the_chain_of_names(rt: Runtime) -> None:
    father = (Kin(Relation.FATHER, (Name("Tesfay Habte"),)),)
    son = make_person("Yonas Tesfay Habte", sex=Sex.MALE, birth="2001", kin=father)
    add_registration(
        rt,
        OFFICER,
        make_registration(make_person("Yonas Tesfay", sex=Sex.MALE, birth="2001", kin=father)),
    )
    desk = open_desk(rt, make_request(make_person("Tesfay Habte"), son)).judged().accepted("ER")
    followed(desk, from_match(desk, MatchKind.REGISTRATION))
    desk.answered(Item.MESSAGE)
    sees(desk, Inside.ANSWERED, Outside.INFORMATION_GIVEN, Item.MESSAGE)
    told_and_closed(desk)


def test_woman_sought_through_a_male_lead_where_the_authorities_forbid_it(rt: Runtime) -> None:
    with_policy(rt, "watched_borders")
    sister = make_person("Zahra Noor", sex=Sex.FEMALE)
    brother = make_person("Karim Noor", sex=Sex.MALE)
    request = make_request(make_person("Ali Noor"), sister, brother)
    desk = open_desk(rt, request).judged()
    with pytest.raises(InvalidInput, match="lead"):
        desk.accepted("AF")
    lead_search(rt, desk.officer, desk.case, desk.version, (sister.id, brother.id))
    desk.accepted("AF").located().answered(Item.ALIVE_AND_WELL)
    assert desk.search.person == sister.id
    assert [one.told.outcome for one in desk.file.outcomes] == [
        Outside.INFORMATION_GIVEN,
        Outside.SEARCHING,
    ]
    sees(desk, Inside.ANSWERED, Outside.INFORMATION_GIVEN, Item.ALIVE_AND_WELL)
    assert dict(desk.file.leads) == {sister.id: brother.id}
    told_and_closed(desk)


def test_unaccompanied_child_who_asks_is_answered_and_goes_to_her_aunt(rt: Runtime) -> None:
    request = make_request(
        make_person("Amina Noor", birth="2013"), make_person("Halima Noor"), child_enquirer=True
    )
    desk = open_desk(rt, request, vetted=True).judged().accepted().located()
    unvetted = make_account(rt)
    with pytest.raises(Forbidden):
        read_file(rt, unvetted, desk.case)
    desk.answered(Item.ALIVE_AND_WELL, Item.MEETING)
    sees(desk, Inside.ANSWERED, Outside.INFORMATION_GIVEN, Item.ALIVE_AND_WELL, Item.MEETING)
    agreed = (desk.person, ("Hers, signed", "The guardian's, signed"))
    reunite(rt, desk.searcher, desk.case, desk.journal.version, agreed)
    sees(desk, Inside.REUNITED, Outside.INFORMATION_GIVEN, Item.ALIVE_AND_WELL, Item.MEETING)
    told_and_closed(desk)


def test_child_sought_by_its_parents_too_small_to_answer(rt: Runtime) -> None:
    child = make_person("Samir Noor", birth="2024-05-01")
    desk = open_desk(rt, make_request(None, child), vetted=True).judged().accepted().located()
    desk.moved(Inside.CANNOT_BE_ASKED)
    judged = FoundChild("His aunt", True, "Best with her", desk.searcher.actor.id, "Scar", "Song")
    seek.judge_child(rt, desk.searcher, desk.case, desk.journal.version, (child.id, judged))
    desk.answered(Item.ALIVE_AND_WELL, representative=make_representative())
    sees(desk, Inside.ANSWERED, Outside.SEARCHING)
    waits_for(desk, Waits.SECOND_OFFICER)
    desk.agreed()
    sees(desk, Inside.ANSWERED, Outside.INFORMATION_GIVEN, Item.ALIVE_AND_WELL)
    told_and_closed(desk)


def test_refusal_is_kept_inside_and_ends_without_information(rt: Runtime, clock: Clock) -> None:
    desk = open_desk(rt).judged().accepted().located().answered()
    sees(desk, Inside.REFUSES, Outside.SEARCHING)
    clock.move(days=179)
    tell_due(rt)
    sees(desk, Inside.REFUSES, Outside.SEARCHING)
    clock.move(days=1)
    tell_due(rt)
    sees(desk, Inside.REFUSES, Outside.ENDED_WITHOUT_INFORMATION)
    told_and_closed(desk, Ending.ENDED_WITHOUT_INFORMATION)


def test_death_is_confirmed_by_two_and_told(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted().lead().reported_dead()
    sees(desk, Inside.DECEASED_REPORTED, Outside.SEARCHING)
    waits_for(desk, Waits.SECOND_OFFICER)
    report_death.confirm_death(rt, desk.second, desk.case, desk.journal.version, desk.person)
    sees(desk, Inside.DECEASED_CONFIRMED, Outside.DECEASED_CONFIRMED)
    assert desk.outcome.told.burial_place == make_death().burial_place
    assert not desk.outcome.may_print, "the letter waits for the talk (P-05)"
    told_and_closed(desk)


def test_detention_leaves_as_no_information_until_the_person_answers(
    rt: Runtime, clock: Clock
) -> None:
    desk = open_desk(rt).judged().accepted().moved(Inside.DETAINED)
    sees(desk, Inside.DETAINED, Outside.SEARCHING)
    clock.move(days=180)
    tell_due(rt)
    sees(desk, Inside.DETAINED, Outside.ENDED_WITHOUT_INFORMATION)
    desk.moved(Inside.LOCATED).answered(Item.MESSAGE)
    sees(desk, Inside.ANSWERED, Outside.INFORMATION_GIVEN, Item.MESSAGE)
    told_and_closed(desk)


def test_remains_have_no_enquirer_and_meet_a_search(rt: Runtime) -> None:
    found = make_registration(
        make_person("Yusuf Noor", sex=Sex.MALE, birth="1985"),
        status=Status.REPORTED_DEAD_UNCONFIRMED,
    )
    remains = replace(found, source=replace(found.source, kind=SourceKind.REMAINS))
    registered = add_registration(rt, OFFICER, remains)
    settle(rt)
    assert list_duplicates(rt, OFFICER, registered) == [], "nobody searches yet"
    sought = make_person("Yusuf Noor", sex=Sex.MALE, birth="1985")
    desk = open_desk(rt, make_request(None, sought)).judged().accepted()
    lead = from_match(desk, MatchKind.REGISTRATION)
    seek.open_lead(rt, desk.searcher, desk.case, desk.journal.version, (desk.person, lead))
    desk.reported_dead()
    sees(desk, Inside.DECEASED_REPORTED, Outside.SEARCHING)
    report_death.confirm_death(rt, desk.second, desk.case, desk.journal.version, desk.person)
    sees(desk, Inside.DECEASED_CONFIRMED, Outside.DECEASED_CONFIRMED)
    told_and_closed(desk)


def test_second_enquirer_for_the_same_person_is_asked_for_anew(rt: Runtime, clock: Clock) -> None:
    first = open_desk(rt).judged().accepted().located().answered(Item.PHONE)
    other = make_request(make_person("Reza Hosseini"), make_person("Maryam Hosseini"))
    second = open_desk(rt, other).judged().accepted().located()
    sees(second, Inside.LOCATED, Outside.SEARCHING)
    second.answered()
    sees(first, Inside.ANSWERED, Outside.INFORMATION_GIVEN, Item.PHONE)
    sees(second, Inside.REFUSES, Outside.SEARCHING)
    clock.move(days=180)
    tell_due(rt)
    sees(second, Inside.REFUSES, Outside.ENDED_WITHOUT_INFORMATION)
    told_and_closed(first)
    told_and_closed(second, Ending.ENDED_WITHOUT_INFORMATION)


def test_reunification_closes_a_case_with_its_history(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted().located().answered(Item.MEETING)
    alone = (desk.person, ("Hers, signed",))
    with pytest.raises(InvalidInput, match="at least two"):
        reunite(rt, desk.searcher, desk.case, desk.journal.version, alone)
    agreed = (desk.person, ("Hers, signed", "His, signed"))
    reunite(rt, desk.searcher, desk.case, desk.journal.version, agreed)
    sees(desk, Inside.REUNITED, Outside.INFORMATION_GIVEN, Item.MEETING)
    told_and_closed(desk)
    assert desk.search.reunion == agreed[1]
    happened = [event.kind for event in desk.file.events]
    assert happened[0] is Kind.OPENED
    assert happened[-3:] == [Kind.TOLD, Kind.TALKED, Kind.CLOSED]


def test_case_of_1945_rests_is_closed_and_reopened_for_a_successor(
    rt: Runtime, clock: Clock
) -> None:
    with_policy(rt, "long_memory")
    desk = open_desk(rt, make_request(make_person("Erna Weiss"), make_person("Karl Weiss")))
    desk.judged().accepted("PL")
    at = desk.today.replace(year=desk.today.year + 1)
    suspend_case(rt, desk.officer, desk.case, desk.version, at, "The archive is closed.")
    clock.move(days=366)
    assert cases_in(rt, desk.officer, Queue.TO_REVIEW) == [desk.case]
    take_up_case(rt, desk.officer, desk.case, desk.version)
    clock.move(days=365)
    tell_due(rt)
    sees(desk, Inside.SEARCHING, Outside.ENDED_WITHOUT_INFORMATION)
    told_and_closed(desk, Ending.ENDED_WITHOUT_INFORMATION)
    before = desk.file.events
    clock.move(days=3650)
    reopen_case(rt, desk.officer, desk.case, desk.version, "Her daughter asks.")
    assert desk.outcome.told.outcome is Outside.SEARCHING
    assert desk.file.events[:-1] == before, "the whole history is kept"
    desk.accepted("PL")
    assert desk.file.answer_on is not None
    assert desk.file.answer_on > date(2037, 1, 1)
    seek.screen_search(
        rt,
        desk.searcher,
        desk.case,
        desk.journal.version,
        make_screening(Side.SEARCHING, policy=desk.policy()),
    )
    desk.located().answered(Item.ALIVE_AND_WELL)
    sees(desk, Inside.ANSWERED, Outside.INFORMATION_GIVEN, Item.ALIVE_AND_WELL)
    told_and_closed(desk)


def test_p04_a_successor_inherits_neither_answer_nor_consent_nor_judgement(
    rt: Runtime, clock: Clock
) -> None:
    desk = open_desk(rt, make_shared()).judged().accepted().located().answered(Item.PHONE)
    before = desk.request.enquirer.id
    close_case(rt, desk.officer, desk.case, desk.version, Ending.ANSWERED)
    clock.move(days=3650)
    daughter = make_person("Sara Hosseini", birth="2015")
    reopen_case(rt, desk.officer, desk.case, desk.version, "Her daughter asks.", daughter)
    assert (desk.request.enquirer.id, desk.request.consents) == (daughter.id, ())
    assert desk.file.credibility is None
    with pytest.raises(InvalidInput, match="notice"):
        desk.accepted()
    told = replace(desk.request, notice=InformationNotice("2036-1", "fa", desk.today))
    change_case(rt, desk.officer, desk.case, desk.version, told)
    with pytest.raises(InvalidInput, match="judged"):
        desk.accepted()
    desk.judged().accepted()
    assert desk.outcome.told.outcome is Outside.SEARCHING
    assert [one.told.items for one in desk.file.earlier] == [{Item.PHONE}]
    with pytest.raises(InvalidInput, match="none inherits"):
        desk.answered(Item.PHONE, enquirer=before)
    desk.answered(Item.ALIVE_AND_WELL)
    assert desk.outcome.told.items == {Item.ALIVE_AND_WELL}
    assert [one.enquirer for one in desk.search.answers] == [before, daughter.id]


def test_erasure_leaves_nothing_that_could_be_told(rt: Runtime, clock: Clock) -> None:
    desk = open_desk(rt).judged().accepted().located().answered(Item.PHONE)
    letter = collect_message(rt, desk.officer, LETTER, desk.case)
    erase_case(rt, SUPERVISOR, desk.case, "consent_withdrawn")
    for reader in (desk.officer, desk.supervisor, desk.searcher, desk.second):
        for read in (read_file, read_search):
            with pytest.raises(Erased):
                read(rt, reader, desk.case)
        assert list_searches(rt, reader, None, ((-1, ""), 9)) == []
        with pytest.raises(NotFound):
            read_message(rt, reader, letter)
    with pytest.raises(Erased):
        desk.answered(Item.PHONE)
    for name in Queue:
        assert desk.case not in cases_in(rt, desk.officer, name)
    clock.move(days=400)
    assert tell_due(rt) == 0
