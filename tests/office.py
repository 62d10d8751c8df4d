"""A small office with real accounts, and one case that tests work in a few words."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from rfl.domain.access import Actor, Role
from rfl.domain.answer import Answer, Item
from rfl.domain.care import Found, Harm, Side
from rfl.domain.casefile import CaseFile, Outcome
from rfl.domain.consent import InformationNotice
from rfl.domain.dates import parse_date
from rfl.domain.death import Death
from rfl.domain.ids import PersonId, new_id
from rfl.domain.journal import Journal, Lead, Search
from rfl.domain.person import Kin, Name, Person, Place, Relation, Sex
from rfl.domain.purpose import Purpose
from rfl.domain.request import Cause, Separation, TracingRequest
from rfl.domain.states import Inside
from rfl.flows import accept, consult, judge, report_death, seek
from rfl.flows.admit import add_account
from rfl.flows.join_search import join_search
from rfl.flows.read_file import read_file
from rfl.flows.read_search import read_search
from rfl.flows.register import open_case
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from tests.casework import (
    DAY,
    make_asking_child,
    make_consultation,
    make_credibility,
    make_death,
    make_screening,
)
from tests.support import BRANCH, make_request


def make_account(
    rt: Runtime, role: Role = Role.TRACING_OFFICER, branch: str = BRANCH, *, vetted: bool = False
) -> Call:
    """A call of an account that is really there."""
    made = add_account(rt, OFFICE_CALL, role, branch, "An officer")
    actor = Actor(made.account, role, branch, session=made.token_id, vetted=vetted)
    return Call(actor, Purpose.TRACING, request=new_id("req"))


NO_DANGER = judge.Judged(tuple((harm, Found.NO) for harm in Harm), True, "No sign of any danger.")


@dataclass
class Desk:
    """Who works one case: the enquirer's officer, a supervisor, and two who search."""

    rt: Runtime
    officer: Call
    supervisor: Call
    searcher: Call
    second: Call
    case: str

    @property
    def version(self) -> int:
        """The case's version, as the enquirer's side sees it."""
        return read_file(self.rt, self.officer, self.case).row.version

    @property
    def file(self) -> CaseFile:
        """The enquirer's side, as its officer reads it."""
        return read_file(self.rt, self.officer, self.case).file

    @property
    def outcome(self) -> Outcome:
        """What the enquirer hears of the first sought person."""
        return self.file.outcomes[0]

    @property
    def journal(self) -> Journal:
        """The searching side, as the searcher reads it."""
        return read_search(self.rt, self.searcher, self.case).journal

    @property
    def search(self) -> Search:
        """The search for the first sought person."""
        return self.journal.searches[0]

    @property
    def request(self) -> TracingRequest:
        """The tracing request."""
        return read_search(self.rt, self.searcher, self.case).request

    @property
    def person(self) -> PersonId:
        """The first sought person."""
        return self.search.person

    @property
    def today(self) -> date:
        """Today, where the society is."""
        return self.rt.today()

    def policy(self) -> str:
        """The code of the rules of today."""
        return self.rt.rules.policy.on(self.today).code

    def judged(self, **changes: Any) -> "Desk":
        """Judge credibility and harm on both sides."""
        credible = make_credibility(judged_by=self.officer.actor.id, **changes)
        judge.judge_credible(self.rt, self.officer, self.case, self.version, credible)
        if self.request.child_enquirer:
            child = make_asking_child(taken_by=self.officer.actor.id)
            judge.hear_child(self.rt, self.officer, self.case, self.version, child)
        judge.screen_enquirer(self.rt, self.officer, self.case, self.version, NO_DANGER)
        inside = make_screening(Side.SEARCHING, policy=self.policy())
        seek.screen_search(self.rt, self.searcher, self.case, self.journal.version, inside)
        return self

    def accepted(self, country: str | None = None) -> "Desk":
        """Accept the case: the answer date is fixed."""
        accept.accept_case(self.rt, self.officer, self.case, self.version, country)
        return self

    def joined(self, member: Call) -> "Desk":
        """Add one more to the team."""
        join_search(self.rt, self.supervisor, self.case, member.actor.id)
        return self

    def lead(self) -> "Desk":
        """Open a lead."""
        lead = Lead(self.rt.clock(), self.searcher.actor.id, None, "The list of a camp")
        seek.open_lead(self.rt, self.searcher, self.case, self.journal.version, (self.person, lead))
        return self

    def located(self) -> "Desk":
        """Open a lead and verify it."""
        self.lead()
        seek.verify_lead(self.rt, self.searcher, self.case, self.journal.version, self.person)
        return self

    def moved(self, state: Inside) -> "Desk":
        """Move the search to a state that needs no record."""
        found = (self.person, state, "As it is")
        seek.move(self.rt, self.searcher, self.case, self.journal.version, found)
        return self

    def make_answer(self, *items: Item, **changes: Any) -> Answer:
        """An answer of the first sought person to this enquirer."""
        asked = make_consultation(on=self.today, asked_by=self.searcher.actor.id)
        made = Answer(self.person, self.request.enquirer.id, frozenset(items), asked)
        return replace(made, **changes)

    def answered(self, *items: Item, **changes: Any) -> "Desk":
        """Record what the person answered; nothing is a refusal."""
        answer = self.make_answer(*items, **changes)
        consult.record_answer(self.rt, self.searcher, self.case, self.journal.version, answer)
        return self

    def agreed(self) -> "Desk":
        """Agree, as the second officer, to what a representative decided."""
        version = self.journal.version
        consult.agree_with_representative(self.rt, self.second, self.case, version, self.person)
        return self

    def reported_dead(self, **changes: Any) -> "Desk":
        """Record a report of the person's death."""
        by = {"reported_by": self.searcher.actor.id, "reported_on": self.today}
        death: Death = make_death(**by, **changes)
        version = self.journal.version
        report = (self.person, death)
        report_death.report_death(self.rt, self.searcher, self.case, version, report)
        return self


def make_complete(request: TracingRequest) -> TracingRequest:
    """The request with what the strictest profile that ships asks for, where it has nothing."""
    sought = tuple(
        replace(one, person=_completed(one.person, Sex.FEMALE)) for one in request.sought
    )
    when, place = parse_date("2025"), Place(country="GR", town="Idomeni")
    return replace(
        request,
        enquirer=_completed(request.enquirer, Sex.MALE),
        sought=sought,
        separation=Separation(cause=Cause.MIGRATION, when=when, place=place),
        notice=request.notice or InformationNotice("2026-1", "fa", DAY),
    )


def _completed(person: Person, sex: Sex) -> Person:
    father = Kin(Relation.FATHER, (Name("Hassan Hosseini"),))
    return replace(
        person,
        sex=sex if person.sex is Sex.UNKNOWN else person.sex,
        birth=person.birth or parse_date("1980"),
        kin=person.kin or (father,),
    )


def open_desk(rt: Runtime, request: TracingRequest | None = None, **accounts: bool) -> Desk:
    """Open a case whose search is with two others than the enquirer's officer."""
    officer, searcher, second = (make_account(rt, **accounts) for _ in range(3))
    supervisor = make_account(rt, Role.SUPERVISOR, **accounts)
    opened = open_case(rt, officer, make_complete(request or make_request()), None)
    desk = Desk(rt, officer, supervisor, searcher, second, opened.id)
    return desk.joined(searcher).joined(second)
