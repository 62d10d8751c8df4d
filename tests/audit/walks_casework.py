"""Casework for test_completeness: every flow about enquiries, case files, teams and journals."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from rfl.background import settle
from rfl.domain.answer import Item
from rfl.domain.care import FoundChild, Side
from rfl.domain.casefile import Ending
from rfl.domain.death import Talk, TalkWay
from rfl.domain.enquiry import Channel, Enquiry
from rfl.domain.journal import Action, Came, Lead
from rfl.domain.request import Method
from rfl.domain.states import Inside, PreCase
from rfl.flows import (
    accept,
    accompany,
    admit,
    assign,
    close,
    consult,
    join_search,
    judge,
    look,
    merge,
    note,
    pass_on_searches,
    read_file,
    read_search,
    read_search_timeline,
    read_timeline,
    reassign,
    receive_enquiry,
    report_death,
    reunite,
    seek,
    suspend,
    tell,
    work_enquiry,
)
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.flows.work_enquiry import Move
from tests.casework import (
    make_asking_child,
    make_credibility,
    make_death,
    make_representative,
    make_screening,
)
from tests.flows.test_look import eligible
from tests.office import NO_DANGER, Desk, make_account, open_desk
from tests.support import OFFICER, make_person, make_request

Steps = Iterator[tuple[str, Callable[[], object]]]
CAME = Enquiry(Channel.PHONE, "Ali Hosseini", "Looks for his mother since Idomeni", True)


def casework_steps(rt: Runtime) -> Steps:
    """Every flow of casework with real input; the clock goes on by half a year."""
    yield from _enquiries(rt)
    yield from _a_search(rt)
    yield from _a_child(rt)
    yield from _a_death(rt)
    yield from _a_case_that_rests(rt)


def _enquiries(rt: Runtime) -> Steps:
    kept: list[str] = []

    def receive() -> None:
        kept.append(receive_enquiry.receive_enquiry(rt, OFFICER, CAME))

    yield "receive_enquiry.receive_enquiry", receive
    yield (
        "work_enquiry.list_enquiries",
        lambda: work_enquiry.list_enquiries(rt, OFFICER, (-1, ""), 5),
    )
    yield "work_enquiry.read_enquiry", lambda: work_enquiry.read_enquiry(rt, OFFICER, kept[0])
    yield (
        "work_enquiry.move_enquiry",
        lambda: work_enquiry.move_enquiry(rt, OFFICER, kept[0], 1, Move(PreCase.TRIAGE)),
    )
    yield from _a_family(rt)


def _a_family(rt: Runtime) -> Steps:
    """A second enquiry of a family whose case is there: looked for, joined; and a merge."""
    into, one = open_desk(rt), open_desk(rt)
    settle(rt)
    asked, enquiry = make_request(), eligible(rt)
    pair = ((one.person, into.person),)
    at = (one.case, one.version)

    yield "look.look_for_family", lambda: look.look_for_family(rt, OFFICER, enquiry, asked)
    yield "look.open_another", lambda: look.open_another(rt, OFFICER, enquiry, 5, "Of Bamyan.")
    yield "look.join_case", lambda: look.join_case(rt, OFFICER, enquiry, 6, into.case)
    yield (
        "merge.merge_cases",
        lambda: merge.merge_cases(rt, one.officer, at, into.case, pair, same_enquirer=True),
    )
    yield (
        "read_timeline.read_timeline",
        lambda: read_timeline.read_timeline(rt, into.officer, into.case, (-1, ""), 50),
    )
    yield (
        "read_search_timeline.read_search_timeline",
        lambda: read_search_timeline.read_search_timeline(
            rt, into.searcher, into.case, (-1, ""), 50
        ),
    )
    yield (
        "merge.unmerge_cases",
        lambda: merge.unmerge_cases(rt, into.supervisor, one.case, _version(one)),
    )


def _a_search(rt: Runtime) -> Steps:
    """A woman sought through her brother, found, and together with her family again."""
    sought = make_person("Zahra Noor"), make_person("Karim Noor")
    desk = open_desk(rt, make_request(None, *sought, methods=frozenset({Method.VISIT})))
    sister, brother = (one.person.id for one in desk.request.sought)
    third = make_account(rt).actor.id
    officer, searcher, case = desk.officer, desk.searcher, desk.case
    vetted_until = desk.today + timedelta(days=30)
    screening = make_screening(Side.SEARCHING, policy=desk.policy())
    action = Action(desk.today, searcher.actor.id, Method.VISIT, Came.NOTHING)
    lead = Lead(rt.clock(), searcher.actor.id, None, "The list of a camp")

    yield "admit.vet_account", lambda: admit.vet_account(rt, OFFICE_CALL, third, vetted_until)
    yield (
        "join_search.join_search",
        lambda: join_search.join_search(rt, desk.supervisor, case, third),
    )
    yield (
        "join_search.leave_search",
        lambda: join_search.leave_search(rt, desk.supervisor, case, third),
    )
    yield "read_file.read_file", lambda: read_file.read_file(rt, officer, case)
    yield "read_search.read_search", lambda: read_search.read_search(rt, searcher, case)
    yield (
        "accompany.lead_search",
        lambda: accompany.lead_search(rt, officer, case, desk.version, (sister, brother)),
    )
    yield (
        "judge.judge_credible",
        lambda: judge.judge_credible(
            rt, officer, case, desk.version, make_credibility(judged_by=officer.actor.id)
        ),
    )
    yield (
        "judge.screen_enquirer",
        lambda: judge.screen_enquirer(rt, officer, case, desk.version, NO_DANGER),
    )
    yield from _an_asking_child(rt)
    yield "accept.accept_case", lambda: accept.accept_case(rt, officer, case, desk.version)
    yield "judge.judge_again", lambda: judge.judge_again(rt, officer, case, desk.version)
    yield "note.note", lambda: note.note(rt, officer, case, desk.version, "She rang.")
    yield (
        "seek.screen_search",
        lambda: seek.screen_search(rt, searcher, case, desk.journal.version, screening),
    )
    yield (
        "seek.add_action",
        lambda: seek.add_action(rt, searcher, case, desk.journal.version, action),
    )
    soon = desk.today + timedelta(days=9)
    yield (
        "seek.plan_step",
        lambda: seek.plan_step(rt, searcher, case, desk.journal.version, soon, "Ask again"),
    )
    yield (
        "seek.do_step",
        lambda: seek.do_step(rt, searcher, case, desk.journal.version, desk.journal.to_do[0].id),
    )
    yield (
        "seek.write_line",
        lambda: seek.write_line(rt, searcher, case, desk.journal.version, "Asked at the gate"),
    )
    yield (
        "seek.open_lead",
        lambda: seek.open_lead(rt, searcher, case, desk.journal.version, (sister, lead)),
    )
    yield (
        "seek.verify_lead",
        lambda: seek.verify_lead(rt, searcher, case, desk.journal.version, sister),
    )
    yield (
        "consult.record_answer",
        lambda: consult.record_answer(
            rt, searcher, case, desk.journal.version, desk.make_answer(Item.MEETING)
        ),
    )
    yield (
        "reunite.reunite",
        lambda: reunite.reunite(
            rt, searcher, case, desk.journal.version, (sister, ("Hers, signed", "His, signed"))
        ),
    )


def _an_asking_child(rt: Runtime) -> Steps:
    girl = make_person("Amina Noor", birth="2013")
    desk = open_desk(rt, make_request(girl, child_enquirer=True), vetted=True)
    asked = make_asking_child(taken_by=desk.officer.actor.id)
    yield (
        "judge.hear_child",
        lambda: judge.hear_child(rt, desk.officer, desk.case, desk.version, asked),
    )


def _a_child(rt: Runtime) -> Steps:
    """A child for whom a representative answers, and takes it back."""
    child = make_person("Samir Noor", birth="2024-05-01")
    desk = open_desk(rt, make_request(None, child), vetted=True).judged().accepted().located()
    searcher, second, case = desk.searcher, desk.second, desk.case
    judged = FoundChild("His aunt", True, "Best with her", searcher.actor.id, "Scar", "Song")
    found = (child.id, Inside.CANNOT_BE_ASKED, "Too small")

    yield "seek.move", lambda: seek.move(rt, searcher, case, desk.journal.version, found)
    yield (
        "seek.judge_child",
        lambda: seek.judge_child(rt, searcher, case, desk.journal.version, (child.id, judged)),
    )
    desk.answered(Item.ALIVE_AND_WELL, representative=make_representative())
    yield (
        "consult.agree_with_representative",
        lambda: consult.agree_with_representative(rt, second, case, desk.journal.version, child.id),
    )
    yield (
        "consult.withdraw_answer",
        lambda: consult.withdraw_answer(rt, searcher, case, desk.journal.version, child.id),
    )


def _a_death(rt: Runtime) -> Steps:
    desk = open_desk(rt).judged().accepted().lead()
    death = make_death(reported_by=desk.searcher.actor.id, reported_on=desk.today)
    talk = Talk(desk.today, desk.officer.actor.id, TalkWay.IN_PERSON, trained=True)
    person, case = desk.person, desk.case

    yield (
        "report_death.report_death",
        lambda: report_death.report_death(
            rt, desk.searcher, case, desk.journal.version, (person, death)
        ),
    )
    yield (
        "report_death.confirm_death",
        lambda: report_death.confirm_death(rt, desk.second, case, desk.journal.version, person),
    )
    yield (
        "tell.record_talk",
        lambda: tell.record_talk(rt, desk.officer, case, desk.version, person, talk),
    )


def _a_case_that_rests(rt: Runtime) -> Steps:
    """Nothing is found; the case rests, is taken up, told, closed and goes to another officer."""
    desk = open_desk(rt).judged().accepted()
    officer, case = desk.officer, desk.case
    review_on = desk.today + timedelta(days=90)
    other, third = make_account(rt).actor.id, make_account(rt).actor.id

    yield (
        "suspend.suspend_case",
        lambda: suspend.suspend_case(rt, officer, case, desk.version, review_on, "The archive"),
    )
    yield "suspend.take_up_case", lambda: suspend.take_up_case(rt, officer, case, desk.version)
    yield "tell.tell_due", lambda: _tell_in_half_a_year(rt)
    yield (
        "close.close_case",
        lambda: close.close_case(rt, officer, case, desk.version, Ending.ENDED_WITHOUT_INFORMATION),
    )
    yield (
        "close.reopen_case",
        lambda: close.reopen_case(rt, officer, case, desk.version, "Her daughter asks."),
    )
    yield (
        "assign.assign_case",
        lambda: assign.assign_case(rt, desk.supervisor, case, _version(desk), other),
    )
    yield "reassign.reassign", lambda: reassign.reassign(rt, desk.supervisor, other, third)
    searcher, fourth = desk.searcher.actor.id, make_account(rt).actor.id
    yield (
        "pass_on_searches.pass_on_searches",
        lambda: pass_on_searches.pass_on_searches(rt, desk.supervisor, searcher, fourth),
    )


def _tell_in_half_a_year(rt: Runtime) -> None:
    rt.clock.move(days=180)  # type: ignore[attr-defined]
    assert tell.tell_due(rt)


def _version(desk: Desk) -> int:
    return read_file.read_file(desk.rt, desk.supervisor, desk.case).row.version
