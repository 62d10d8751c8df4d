"""Work of the searching team: search actions, leads, and the states that need no consultation.

Each is one entry of one verb in the log, whatever it says (decision 0017).
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from rfl.domain.access import Verb
from rfl.domain.care import FoundChild, Screening, Side
from rfl.domain.groups import HALF, Group
from rfl.domain.ids import check_id, new_id
from rfl.domain.journal import Action, Journal, Lead, Line, Mark, Search, ToDo
from rfl.domain.match import MatchState
from rfl.domain.policy import Version
from rfl.domain.states import Inside
from rfl.errors import Conflict, Forbidden, InvalidInput, NotFound
from rfl.flows.runtime import Call, Runtime
from rfl.storage import journals, matches, people, vault
from rfl.storage.journals import Opened
from rfl.storage.queries import living
from rfl.storage.work import Work

# The others come with an answer, a death or a lead, each by its own flow.
PLAIN = frozenset(
    {
        Inside.SEARCHING,
        Inside.LOCATED,
        Inside.CANNOT_BE_ASKED,
        Inside.DETAINED,
        Inside.NOT_LOCATED,
        Inside.CONTACT_RESTORED,
    }
)

FROM_REGISTRATION = "The registration is marked as detrimental if passed on."
Step = Callable[[Opened, Version], Journal]


def add_action(rt: Runtime, call: Call, case_id: str, version: int, action: Action) -> int:
    """Keep a search action. Its method is one that enquirer and policy allow, after the screening.

    Raises Conflict if harm was not screened under today's rules (P-06).
    """

    def step(found: Opened, rules: Version) -> Journal:
        screening = found.file.screening
        if screening is None or not screening.holds(Side.ENQUIRER, rules.code):
            raise Conflict("Harm is screened before any step of search outside (P-06).")
        allowed = rules.rules(found.file.country).methods & found.request.methods
        if action.method not in allowed:
            raise InvalidInput("method", "must be allowed by the enquirer and by the policy")
        if action.person is not None:
            found.journal.of(action.person)
        return replace(found.journal, actions=(*found.journal.actions, action))

    return _work(rt, call, case_id, version, step)


def write_line(rt: Runtime, call: Call, case_id: str, version: int, said: str) -> int:
    """Write a note into the journal."""
    line = Line(at=rt.clock(), by=call.actor.id, said=said)
    return _work(rt, call, case_id, version, lambda found, _rules: found.journal.written(line))


def plan_step(rt: Runtime, call: Call, case_id: str, version: int, due_on: date, what: str) -> int:
    """Keep what the team has to do by a day; a row would tell of a finding, so it is none."""
    to_do = ToDo(id=new_id("tsk"), by=call.actor.id, due_on=due_on, what=what)
    return _work(rt, call, case_id, version, lambda found, _rules: found.journal.with_to_do(to_do))


def do_step(rt: Runtime, call: Call, case_id: str, version: int, to_do: str) -> int:
    """Say that the team has done what it had to do, or raise NotFound or Conflict."""
    check_id(to_do, "tsk", field="task")
    now = rt.clock()
    return _work(
        rt, call, case_id, version, lambda found, _rules: found.journal.having_done(to_do, now)
    )


def open_lead(rt: Runtime, call: Call, case_id: str, version: int, lead: tuple[str, Lead]) -> int:
    """Open a lead for one sought person: (person, lead).

    One that comes from a match names a proposal of this case for this person, which was confirmed.
    Where the registration would harm if passed on, so would what the search finds (P-36).
    """
    person, opened = lead
    check_id(case_id, "cas")
    check_id(person, "per", field="person")
    line = Line(at=rt.clock(), by=call.actor.id, said=f"Lead: {opened.source}")
    with rt.begin(call, Verb.FINDING_WORK) as work:
        found = journals.opened(work, case_id, version)
        mark: Mark | None = None
        if opened.match is not None:
            _require_confirmed(work, found, person, opened.match)
            mark = _mark_of(work, opened.match)

        def led(search: Search) -> Search:
            marked = search.detrimental or mark
            return replace(search.at(Inside.LEAD), lead=opened, detrimental=marked)

        journal = found.journal.changed(person, led, line)
        return journals.keep(work, found, journal, rt.rules.policy.on(work.today))


def verify_lead(rt: Runtime, call: Call, case_id: str, version: int, person: str) -> int:
    """Say that the lead is the person: located, and the consultation is pending.

    One that came from a match is verified by another than who opened it (four eyes).
    """

    def verified(search: Search) -> Search:
        if search.lead is None:
            raise Conflict("There is no lead that could be verified.")
        if search.lead.match is not None and search.lead.by == call.actor.id:
            raise Forbidden("A match that may lead to disclosure is verified by a second officer.")
        lead = replace(search.lead, verified_by=call.actor.id)
        return replace(search.at(Inside.LOCATED), lead=lead)

    return _change(rt, call, (case_id, version), (person, "Lead verified"), verified)


def move(
    rt: Runtime, call: Call, case_id: str, version: int, found: tuple[str, Inside, str]
) -> int:
    """Move one search to a state that needs no record of its own: (person, state, why)."""
    person, state, said = found
    if state not in PLAIN:
        raise InvalidInput("state", "must be one that needs no answer, lead or death")

    def moved(search: Search) -> Search:
        if search.state is Inside.LEAD and state is Inside.LOCATED:
            raise Conflict("A lead is verified before the person counts as located.")
        return search.at(state)

    return _change(rt, call, (case_id, version), (person, said), moved)


def screen_search(rt: Runtime, call: Call, case_id: str, version: int, screening: Screening) -> int:
    """Keep the searching side's screening for harm: nothing is told before it (P-06)."""
    if screening.side is not Side.SEARCHING:
        raise InvalidInput("side", "must be the searching side's")
    return _work(
        rt,
        call,
        case_id,
        version,
        lambda found, _rules: replace(found.journal, screening=screening),
    )


def judge_child(
    rt: Runtime, call: Call, case_id: str, version: int, child: tuple[str, FoundChild]
) -> int:
    """Keep a found child's best interest and verification: (person, judgement) (P-19)."""
    person, said = child
    judged = replace(said, judged_on=rt.today())
    return _change(
        rt,
        call,
        (case_id, version),
        (person, "Best interest judged"),
        lambda search: replace(search, child=judged),
    )


def _require_confirmed(work: Work, found: Opened, person: str, match: str) -> None:
    """Return if a proposal was confirmed for this person of this case, or raise InvalidInput.

    Where both sides search, one for the enquirer says who the sought person is, too.
    """
    rule = "must be a confirmed proposal for this person of this case"
    try:
        row, sealed = matches.load(work, check_id(match, "mat", field="match"))
    except NotFound as cause:
        raise InvalidInput("match", rule) from cause
    sides = {(row.left_record, row.left_person), (row.right_record, row.right_person)}
    if not sides & {(found.row.id, person), (found.row.id, found.request.enquirer.id)}:
        raise InvalidInput("match", rule)
    if matches.decided_of(work, sealed).state is not MatchState.CONFIRMED:
        raise InvalidInput("match", rule)


def _mark_of(work: Work, match: str) -> Mark | None:
    """Return the mark of the registration of a proposal. The entry names the case alone."""
    row, _sealed = matches.load(work, match)
    records = [one for one in (row.left_record, row.right_record) if one.startswith("reg_")]
    for sealed in living(work, records, (Group.SENSITIVE,)):
        with vault.deciding(work):
            half = HALF[Group.SENSITIVE]
            content = vault.open_logged(work, sealed, Group.SENSITIVE.value, half)
        if people.is_detrimental(content):
            return Mark(by=work.actor.id, on=work.today, said=FROM_REGISTRATION)
    return None


def _change(
    rt: Runtime,
    call: Call,
    at: tuple[str, int],
    said: tuple[str, str],
    change: Callable[[Search], Search],
) -> int:
    person, words = said
    check_id(person, "per", field="person")
    line = Line(at=rt.clock(), by=call.actor.id, said=words)
    return _work(rt, call, *at, lambda found, _rules: found.journal.changed(person, change, line))


def _work(rt: Runtime, call: Call, case_id: str, version: int, step: Step) -> int:
    check_id(case_id, "cas")
    with rt.begin(call, Verb.FINDING_WORK) as work:
        found = journals.opened(work, case_id, version)
        rules = rt.rules.policy.on(work.today)
        return journals.keep(work, found, step(found, rules), rules)
