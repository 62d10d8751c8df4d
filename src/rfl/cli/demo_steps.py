"""The steps of the demonstration. Each does its part over HTTP and checks what came of it."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rfl.audit.verify import verify
from rfl.cli import demo_lists
from rfl.cli.audit import new_file
from rfl.cli.demo_node import DemoNode
from rfl.cli.demo_people import EXPECTED, IMPOSTOR, REGISTRATIONS, REQUESTS, TRUE_MOTHER
from rfl.client.calls import Client
from rfl.client.problems import ClientProblem
from rfl.client.shapes import LogEntry, Match, Person
from rfl.domain.access import Role
from rfl.domain.purpose import Purpose

MATCH_SECONDS = 15.0
SON, SISTER, BROTHER = list(REQUESTS)[:3]

Facts = dict[str, object]


class DemoFailed(Exception):
    """Something did not come out as it must; the text says what was expected."""


@dataclass(slots=True)
class Story:
    """A running node, four accounts on it, and what has happened so far."""

    node: DemoNode
    officer: Client
    guardian: Client
    administrator: Client
    supervisor: Client
    registrations: dict[str, str] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)
    proposals: dict[str, list[Match]] = field(default_factory=dict)
    entries: list[LogEntry] = field(default_factory=list)


def begun(node: DemoNode, language: str) -> Story:
    """Return the story at its beginning. The guardian is the data protection officer."""
    rights, office = Purpose.DATA_SUBJECT_REQUEST, Purpose.ADMINISTRATION
    token = node.tokens
    return Story(
        node,
        officer=Client(node.address, token[Role.TRACING_OFFICER], language=language),
        guardian=Client(node.address, token[Role.DATA_PROTECTION_OFFICER], purpose=rights),
        administrator=Client(node.address, token[Role.ADMINISTRATOR], purpose=office),
        supervisor=Client(node.address, token[Role.SUPERVISOR], purpose=rights),
    )


def register_people(story: Story) -> Facts:
    """Register everyone whom the camp and the office have met."""
    for key, registration in REGISTRATIONS.items():
        story.registrations[key] = story.officer.register(registration)["id"]
    expect(len(story.registrations) == len(REGISTRATIONS), "everyone is registered")
    return {"registered": len(story.registrations)}


def import_lists(story: Story, own: Path | None) -> Facts:
    """Import a PFIF list, a workbook with one bad row, the workbook again, and a file given."""
    pfif, book = demo_lists.pfif_list(), demo_lists.xlsx_list()
    facts: Facts = {"pfif": _imported(story, "Shelters", "partner_list", pfif)}
    facts["xlsx"] = first = _imported(story, "Camp Presevo", "camp", book)
    facts["xlsx_again"] = again = _imported(story, "Camp Presevo", "camp", book)
    expect(first["refused"] == demo_lists.XLSX_REFUSED, "the impossible day is refused")
    expect(again["added"] == again["changed"] == 0, "the same list again changes nothing")
    if own is not None:
        facts["own"] = _imported(story, own.name, "partner_list", own.read_bytes())
    return facts


def open_requests(story: Story) -> Facts:
    """Open a case from each family's tracing request."""
    for title, request in REQUESTS.items():
        story.cases[title] = story.officer.open_case(request)["id"]
    return {"cases": story.cases}


def await_proposals(story: Story) -> Facts:
    """Wait until the matcher has found for every family whom it must find."""
    began = time.monotonic()
    missing = list(EXPECTED)
    while missing and time.monotonic() < began + MATCH_SECONDS:
        for title in missing:
            found = story.officer.matches(story.cases[title])
            own = [one for one in found if one["sought"]["record"] == story.cases[title]]
            story.proposals[title] = own
        missing = [title for title in missing if not _found(story, title)]
        time.sleep(0.1 if missing else 0)
    waited = round(time.monotonic() - began, 2)
    expect(not missing, f"a proposal comes first for: {', '.join(missing)}")
    return {
        "waited_seconds": waited,
        "proposals": {
            title: [_plain(one) for one in found] for title, found in story.proposals.items()
        },
    }


def decide_two(story: Story) -> Facts:
    """Confirm the mother, and reject the other woman of the same name."""
    by_record = {one["other"]["record"]: one for one in story.proposals[SON]}
    women = [story.registrations[key] for key in (TRUE_MOTHER, IMPOSTOR)]
    expect(by_record.keys() >= set(women), "both women of the name are proposed")
    mother, other = (by_record[record] for record in women)
    officer = story.officer
    officer.decide(mother["id"], mother["version"], "confirmed", "She named him and his father.")
    officer.decide(other["id"], other["version"], "rejected", "She is of Ghazni, and childless.")
    states = {
        "mother": officer.read_match(mother["id"])["state"],
        "other_woman": officer.read_match(other["id"])["state"],
    }
    expect(list(states.values()) == ["confirmed", "rejected"], "both decisions stand")
    stale = refusal(lambda: officer.decide(other["id"], other["version"], "confirmed", "Late."))
    expect(stale == "stale-version", "a decision about an outdated version is refused")
    return {"decisions": states, "late_decision": stale}


def show_readers(story: Story) -> Facts:
    """Try to read as administrator, who may not; then list who did what with the son's case."""
    case = story.cases[SON]
    story.officer.read_case(case)
    refused = refusal(lambda: story.administrator.read_case(case))
    expect(refused == "forbidden", "an administrator may not read a case")
    story.entries = story.guardian.log_of(case)
    actions = {one["action"] for one in story.entries}
    expect({"case.open", "case.read", "match.decide"} <= actions, "every use is in the log")
    denied = [one for one in story.entries if one["decision"] == "denied"]
    expect(bool(denied), "the refused reading is in the log")
    names = _names([REQUESTS[SON]["enquirer"]])
    expect(not any(name in str(story.entries) for name in names), "the log holds no name")
    return {"entries": [_who(one) for one in story.entries]}


def erase_one(story: Story) -> Facts:
    """Erase the sister's case, who withdrew, and show that nothing opens it any more."""
    case, guardian = story.cases[SISTER], story.guardian
    alone = refusal(lambda: guardian.erase_case(case, "consent_withdrawn"))
    expect(alone == "forbidden", "nobody erases a case alone")
    asked = guardian.approvals.ask("erasure", case, ["consent_withdrawn"], "She withdrew.")
    story.supervisor.approvals.give(asked["id"], asked["version"])
    guardian.erase_case(case, "consent_withdrawn", asked["id"])
    after = {
        "case": refusal(lambda: story.officer.read_case(case)),
        "proposals": refusal(lambda: story.officer.matches(case)),
        "by_data_protection_officer": refusal(lambda: guardian.read_case(case)),
    }
    expect(set(after.values()) == {"erased"}, "nobody can open the erased case")
    left = story.officer.matches(story.cases[BROTHER])
    both = {side["record"] for one in left for side in (one["sought"], one["other"])}
    expect(case not in both, "her brother's case has no proposal with hers")
    return {"reason": "consent_withdrawn", "answers": after}


def look_on_disk(story: Story) -> Facts:
    """Look for every name in every file of the node, its log included."""
    people = [one["person"] for one in REGISTRATIONS.values()]
    for request in REQUESTS.values():
        people += [request["enquirer"], *(one["person"] for one in request["sought"])]
    names = _names(people)
    found = story.node.holding(names)
    expect(not found, "no name stands in clear in any file")
    return {"names_looked_for": len(names), "found": len(found)}


def keep_log(story: Story, file: Path) -> Facts:
    """Export the access log, as an auditor is given it, and check the file without the node."""
    with new_file(file) as sink:
        story.node.export_log(sink)
    with file.open("rb") as source:
        verdict = verify(source)
    expect(verdict.finding is None, "the exported log is whole")
    return {"leaves": verdict.size, "checkpoints": verdict.checkpoints, "key": verdict.key}


def stop_node(story: Story) -> Facts:
    """End the node as a service manager does."""
    for client in (story.officer, story.guardian, story.administrator, story.supervisor):
        client.close()
    began = time.monotonic()
    code = story.node.stop()
    expect(code == 0, "the node ends by itself, with exit code 0")
    return {"exit_code": code, "stopped_in_seconds": round(time.monotonic() - began, 2)}


def _imported(story: Story, owner: str, kind: str, content: bytes) -> dict[str, object]:
    offered = story.officer.offer_list(demo_lists.terms(owner, kind))
    taken = story.officer.send_rows(offered["id"], content, demo_lists.media_type(content))
    return {"list": offered["id"], **taken}


def _found(story: Story, title: str) -> bool:
    """True if the likeliest proposal is the person who must be found."""
    best = story.proposals.get(title, [])[:1]
    return any(EXPECTED[title] in (name["text"] for name in one["other"]["names"]) for one in best)


def _plain(match: Match) -> Facts:
    """A proposal for programs: no names, which officers alone need."""
    return {
        "match": match["id"],
        "kind": match["kind"],
        "band": match["band"],
        "probability": match["probability"],
        "reasons": [one["code"] for one in match["reasons"]],
    }


def _who(entry: LogEntry) -> Facts:
    wanted = ("at", "role", "action", "purpose", "groups", "count", "decision", "reason")
    return {name: value for name, value in entry.items() if name in wanted}


def refusal(call: Callable[[], object]) -> str:
    """Return the code of the refusal that the call must meet."""
    try:
        call()
    except ClientProblem as problem:
        return problem.code
    return "allowed"


def _names(people: Iterable[Person]) -> list[str]:
    return [name["text"] for person in people for name in person["names"]]


def expect(holds: object, what: str) -> None:
    """Raise DemoFailed unless it holds."""
    if not holds:
        raise DemoFailed(what)
