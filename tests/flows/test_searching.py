"""From a lead to what the family hears: each rule of protection in the flows."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rfl.domain.answer import Item
from rfl.domain.care import Established, Found, FoundChild, Harm, Side
from rfl.domain.consent import Consent, ConsentForm, Detail, Use
from rfl.domain.death import DeathSource, Talk, TalkWay
from rfl.domain.ids import PersonId, new_id
from rfl.domain.journal import Action, Came
from rfl.domain.person import Sex
from rfl.domain.request import Method
from rfl.domain.states import Inside, Outside
from rfl.errors import Conflict, InvalidInput, NotFound, RflError
from rfl.flows import consult, judge, report_death, seek
from rfl.flows.accept import accept_case
from rfl.flows.erase import erase_case
from rfl.flows.read_search import read_search
from rfl.flows.reunite import reunite
from rfl.flows.runtime import Runtime
from rfl.flows.tell import record_talk, tell_due
from tests.casework import DAY, make_consultation, make_representative, make_screening
from tests.office import Desk, open_desk
from tests.support import SUPERVISOR, Clock, make_person, make_request


@pytest.fixture
def rt(sqlite_rt: Runtime) -> Runtime:
    """One database is enough for rules; `test_sides` and `test_twins` use both."""
    return sqlite_rt


VISIT = frozenset({Method.VISIT, Method.PHONE})


def refused(desk: Desk, error: type[RflError], *items: Item, **changes: object) -> None:
    """The answer is refused and nothing of it is kept."""
    before = desk.journal
    with pytest.raises(error):
        desk.answered(*items, **changes)
    assert desk.journal == before
    assert desk.outcome.told.outcome is Outside.SEARCHING


def test_p02_good_news_reaches_the_enquirers_side_at_once_and_item_by_item(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted().located().answered(Item.ALIVE_AND_WELL, Item.MESSAGE)
    assert desk.outcome.told.outcome is Outside.INFORMATION_GIVEN
    assert desk.outcome.told.items == {Item.ALIVE_AND_WELL, Item.MESSAGE}
    assert desk.outcome.since == desk.today


def test_p15_whoever_consults_tells_of_the_enquirer_what_they_agreed_to(rt: Runtime) -> None:
    request = make_request()
    story = frozenset({Detail.NAME, Detail.STORY})
    uses, form = frozenset({Use.SEARCH}), ConsentForm.SIGNED
    agreed = Consent(request.enquirer.id, uses, form, rt.today(), items=story)
    desk = open_desk(rt, replace(request, consents=(agreed,))).judged().accepted().located()
    view = read_search(rt, desk.searcher, desk.case)
    assert view.may_be_told == story
    asked = make_consultation(on=desk.today, asked_by=desk.searcher.actor.id)
    too_much = replace(asked, told=frozenset({Detail.NAME, Detail.PHONE}))
    refused(desk, InvalidInput, Item.MESSAGE, consultation=too_much)
    desk.answered(Item.MESSAGE, consultation=replace(asked, told=story))
    assert desk.search.answers[-1].consultation.told == story


def test_p02_an_answer_is_recorded_by_who_asked_and_not_in_advance(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted().located()
    asked = make_consultation(on=desk.today, asked_by=desk.second.actor.id)
    refused(desk, InvalidInput, Item.PHONE, consultation=asked)
    tomorrow = make_consultation(on=desk.today + timedelta(days=1), asked_by=desk.searcher.actor.id)
    refused(desk, InvalidInput, Item.PHONE, consultation=tomorrow)


def test_p02_nobody_answers_who_was_not_located(rt: Runtime) -> None:
    refused(open_desk(rt).judged().accepted(), Conflict, Item.PHONE)
    refused(open_desk(rt).judged().accepted().lead(), Conflict, Item.PHONE)


def test_p04_an_answer_to_another_enquirer_or_of_another_person_is_refused(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted().located()
    refused(desk, InvalidInput, Item.PHONE, enquirer=PersonId(new_id("per")))
    refused(desk, NotFound, Item.PHONE, person=PersonId(new_id("per")))


def test_p04_a_second_enquirer_does_not_inherit_the_answer(rt: Runtime) -> None:
    mother = make_person("Maryam Hosseini", sex=Sex.FEMALE, birth="1961")
    first = open_desk(rt, make_request(make_person("Ali Hosseini"), mother))
    first.judged().accepted().located().answered(Item.ADDRESS)
    brother = make_request(make_person("Reza Hosseini"), make_person("Maryam Hosseini"))
    second = open_desk(rt, brother).judged().accepted().located()
    assert first.outcome.told.items == {Item.ADDRESS}
    assert second.outcome.told.outcome is Outside.SEARCHING
    assert second.search.answer is None


def test_p04_a_person_may_answer_later_or_otherwise_and_withdraw(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted().located().answered()
    assert desk.search.state is Inside.REFUSES
    desk.answered(Item.ALIVE_AND_WELL)
    assert desk.outcome.told.items == {Item.ALIVE_AND_WELL}
    consult.withdraw_answer(rt, desk.searcher, desk.case, desk.journal.version, desk.person)
    assert desk.search.state is Inside.REFUSES
    assert desk.outcome.told.items == {Item.ALIVE_AND_WELL}, "what was told stays told"
    desk.answered(Item.PHONE)
    assert desk.outcome.told.items == {Item.ALIVE_AND_WELL, Item.PHONE}


def test_p04b_a_representative_decides_for_who_cannot_be_asked_and_a_second_officer_agrees(
    rt: Runtime,
) -> None:
    desk = open_desk(rt).judged().accepted().located()
    speaker = make_representative()
    refused(desk, Conflict, Item.ALIVE_AND_WELL, representative=speaker)
    desk.moved(Inside.CANNOT_BE_ASKED)
    refused(desk, Conflict, Item.ALIVE_AND_WELL)
    agreed = make_representative(agreed_by=desk.second.actor.id)
    refused(desk, InvalidInput, Item.ALIVE_AND_WELL, representative=agreed)
    desk.answered(Item.ALIVE_AND_WELL, representative=speaker)
    assert desk.outcome.told.outcome is Outside.SEARCHING
    agree = consult.agree_with_representative
    with pytest.raises(Conflict):
        agree(rt, desk.searcher, desk.case, desk.journal.version, desk.person)
    agree(rt, desk.second, desk.case, desk.journal.version, desk.person)
    assert desk.outcome.told.items == {Item.ALIVE_AND_WELL}


def test_p05_a_death_leaves_when_a_second_officer_saw_the_document(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted().lead().reported_dead()
    confirm = report_death.confirm_death
    with pytest.raises(Conflict):
        confirm(rt, desk.searcher, desk.case, desk.journal.version, desk.person)
    assert desk.outcome.told.outcome is Outside.SEARCHING
    confirm(rt, desk.second, desk.case, desk.journal.version, desk.person)
    assert desk.outcome.told.outcome is Outside.DECEASED_CONFIRMED
    assert desk.outcome.told.burial_place == "Row 4, Iraio"


@pytest.mark.parametrize("source", [DeathSource.PEER, DeathSource.LIST, DeathSource.MATCH])
def test_p05_a_peers_word_stays_reported_and_leaves_as_no_information(
    rt: Runtime, clock: Clock, source: DeathSource
) -> None:
    desk = open_desk(rt).judged().accepted().lead().reported_dead(source=source)
    with pytest.raises(Conflict):
        report_death.confirm_death(rt, desk.second, desk.case, desk.journal.version, desk.person)
    clock.move(days=200)
    tell_due(rt)
    assert desk.outcome.told.outcome is Outside.ENDED_WITHOUT_INFORMATION


def test_p05_a_death_is_told_in_a_talk_before_its_letter_prints(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted()
    talk = Talk(desk.today, desk.officer.actor.id, TalkWay.IN_PERSON, trained=True)
    with pytest.raises(Conflict):
        record_talk(rt, desk.officer, desk.case, desk.version, desk.person, talk)
    desk.reported_dead()
    report_death.confirm_death(rt, desk.second, desk.case, desk.journal.version, desk.person)
    assert not desk.outcome.may_print
    record_talk(rt, desk.officer, desk.case, desk.version, desk.person, talk)
    assert desk.outcome.may_print
    with pytest.raises(NotFound):
        record_talk(rt, desk.officer, desk.case, desk.version, new_id("per"), talk)


def visit(desk: Desk, method: Method = Method.VISIT) -> int:
    action = Action(desk.today, desk.searcher.actor.id, method, Came.NOTHING)
    return seek.add_action(rt=desk.rt, call=desk.searcher, case_id=desk.case,
                           version=desk.journal.version, action=action)  # fmt: skip


def test_p06_no_step_of_search_goes_outside_before_harm_was_screened(rt: Runtime) -> None:
    desk = open_desk(rt, make_request(methods=VISIT))
    with pytest.raises(Conflict, match="screened"):
        visit(desk)
    assert desk.journal.actions == ()
    visit(desk.judged())
    assert len(desk.journal.actions) == 1


def test_p06_a_danger_that_was_found_stops_the_search(rt: Runtime) -> None:
    desk = open_desk(rt, make_request(methods=VISIT)).judged()
    danger = tuple((harm, Found.YES) for harm in Harm)
    stop = judge.Judged(danger, False, "She fled from him.")
    judge.screen_enquirer(rt, desk.officer, desk.case, desk.version, stop)
    with pytest.raises(Conflict):
        visit(desk)


def test_p06_the_searching_side_screens_for_itself(rt: Runtime) -> None:
    desk = open_desk(rt)
    with pytest.raises(InvalidInput):
        seek.screen_search(
            rt, desk.searcher, desk.case, desk.journal.version, make_screening(Side.ENQUIRER)
        )


def test_p06_without_the_searching_sides_screening_nothing_is_told(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted()
    stale = make_screening(Side.SEARCHING, policy="rules of last year")
    seek.screen_search(rt, desk.searcher, desk.case, desk.journal.version, stale)
    desk.located().answered(Item.PHONE)
    assert desk.outcome.told.outcome is Outside.SEARCHING
    anew = make_screening(Side.SEARCHING, policy=desk.policy())
    seek.screen_search(rt, desk.searcher, desk.case, desk.journal.version, anew)
    assert desk.outcome.told.items == {Item.PHONE}


def test_a_method_that_the_enquirer_did_not_allow_is_refused(rt: Runtime) -> None:
    desk = open_desk(rt, make_request(methods=VISIT)).judged()
    with pytest.raises(InvalidInput) as error:
        visit(desk, Method.RADIO)
    assert error.value.field == "method"


def test_p07_a_case_is_accepted_after_credibility_was_judged(rt: Runtime) -> None:
    desk = open_desk(rt)
    with pytest.raises(InvalidInput) as error:
        accept_case(rt, desk.officer, desk.case, desk.version)
    assert error.value.field == "credibility"


def test_p07_a_relationship_that_is_not_established_is_allowed_and_bars_the_address(
    rt: Runtime,
) -> None:
    desk = open_desk(rt).judged(relationship=Established.NOT_ESTABLISHED).accepted()
    desk.located().answered(Item.ADDRESS, Item.PHONE)
    assert desk.outcome.told.items == {Item.PHONE}


def test_p19_nothing_of_a_found_child_is_told_before_it_is_verified_from_both_sides(
    rt: Runtime,
) -> None:
    child = make_person("Samir Noor", birth="2019-05-01")
    desk = open_desk(rt, make_request(None, child), vetted=True).judged().accepted().located()
    asked = make_consultation(
        on=desk.today,
        asked_by=desk.searcher.actor.id,
        alone=False,
        guardian="His aunt",
        form=ConsentForm.SIGNED,
    )
    desk.answered(Item.ALIVE_AND_WELL, consultation=asked)
    assert desk.outcome.told.outcome is Outside.SEARCHING
    judged = FoundChild("His aunt", True, "He asks for her.", desk.searcher.actor.id)
    for sides in (
        {},
        {"verified_by_enquirer": "She named his scar"},
        {"verified_by_enquirer": "She named his scar", "verified_by_child": "He named her song"},
    ):
        assert desk.outcome.told.outcome is Outside.SEARCHING
        said = FoundChild(**{name: getattr(judged, name) for name in judged.__slots__} | sides)
        seek.judge_child(rt, desk.searcher, desk.case, desk.journal.version, (desk.person, said))
    assert desk.outcome.told.items == {Item.ALIVE_AND_WELL}


def test_p19_the_team_that_judged_a_child_wins_over_the_birth_that_was_described(
    rt: Runtime,
) -> None:
    described = make_person("Samir Noor", birth="1999-05-01")
    desk = open_desk(rt, make_request(None, described), vetted=True).judged().accepted().located()
    judged = FoundChild("His aunt", True, "He is about twelve.", desk.searcher.actor.id)
    person = desk.person
    seek.judge_child(rt, desk.searcher, desk.case, desk.journal.version, (person, judged))
    desk.answered(Item.ALIVE_AND_WELL)
    assert desk.outcome.told.outcome is Outside.SEARCHING
    both = replace(judged, verified_by_enquirer="His scar", verified_by_child="Her song")
    seek.judge_child(rt, desk.searcher, desk.case, desk.journal.version, (person, both))
    assert desk.outcome.told.items == {Item.ALIVE_AND_WELL}


def test_p19_a_judged_child_that_came_of_age_is_asked_as_an_adult(
    rt: Runtime, clock: Clock
) -> None:
    nearly = make_person("Samir Noor", birth="2008-05-01")
    desk = open_desk(rt, make_request(None, nearly), vetted=True).judged().accepted().located()
    judged = FoundChild("His aunt", True, "He decides.", desk.searcher.actor.id)
    seek.judge_child(rt, desk.searcher, desk.case, desk.journal.version, (desk.person, judged))
    desk.answered(Item.PHONE)
    assert desk.outcome.told.outcome is Outside.SEARCHING
    clock.move(days=90)
    desk.answered(Item.PHONE)
    assert desk.outcome.told.items == {Item.PHONE}


def test_a_lead_is_verified_before_a_person_counts_as_located(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted()
    with pytest.raises(Conflict):
        seek.verify_lead(rt, desk.searcher, desk.case, desk.journal.version, desk.person)
    desk.lead()
    with pytest.raises(Conflict):
        desk.moved(Inside.LOCATED)
    with pytest.raises(InvalidInput):
        desk.moved(Inside.ANSWERED)


def test_reunited_only_with_the_recorded_agreement_of_every_adult(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted().located().answered(Item.MEETING)
    with pytest.raises(InvalidInput):
        reunite(rt, desk.searcher, desk.case, desk.journal.version, (desk.person, ("Hers",)))
    for wrong in (("Hers", "Hers"), ("Hers", " ")):
        with pytest.raises(InvalidInput):
            reunite(rt, desk.searcher, desk.case, desk.journal.version, (desk.person, wrong))
    both = (desk.person, ("Hers, signed in March", "His, signed in March"))
    reunite(rt, desk.searcher, desk.case, desk.journal.version, both)
    assert desk.search.state is Inside.REUNITED
    assert desk.outcome.told.items == {Item.MEETING}


def test_p19_a_child_is_reunited_after_both_sides_verified_also_if_nobody_judged_it(
    rt: Runtime,
) -> None:
    child = make_person("Samir Noor", birth="2014-05-01")
    desk = open_desk(rt, make_request(None, child), vetted=True).judged().accepted()
    desk.moved(Inside.CONTACT_RESTORED)
    agreed = (desk.person, ("Hers, signed", "His aunt's, signed"))
    with pytest.raises(Conflict, match="both sides"):
        reunite(rt, desk.searcher, desk.case, desk.journal.version, agreed)
    judged = FoundChild("His aunt", True, "Best", desk.searcher.actor.id, "His scar", "Her song")
    seek.judge_child(rt, desk.searcher, desk.case, desk.journal.version, (desk.person, judged))
    reunite(rt, desk.searcher, desk.case, desk.journal.version, agreed)
    assert desk.search.state is Inside.REUNITED


def test_an_answer_that_has_run_out_is_not_recorded(rt: Runtime, clock: Clock) -> None:
    desk = open_desk(rt).judged().accepted().located()
    clock.move(days=3)
    asked = make_consultation(on=DAY, asked_by=desk.searcher.actor.id)
    refused(desk, InvalidInput, Item.PHONE, consultation=asked, holds_until=DAY)


def test_good_news_after_the_end_leaves_at_once(rt: Runtime, clock: Clock) -> None:
    desk = open_desk(rt).judged().accepted()
    clock.move(days=181)
    tell_due(rt)
    assert desk.outcome.told.outcome is Outside.ENDED_WITHOUT_INFORMATION
    desk.located().answered(Item.PHONE)
    assert desk.outcome.told.outcome is Outside.INFORMATION_GIVEN


def test_the_clock_tells_nothing_of_a_case_that_was_erased(rt: Runtime, clock: Clock) -> None:
    desk = open_desk(rt).judged().accepted()
    erase_case(rt, SUPERVISOR, desk.case, "data_subject_request")
    clock.move(days=400)
    assert tell_due(rt) == 0
