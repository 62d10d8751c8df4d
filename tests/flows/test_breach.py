"""P-30: whose data could have been read, how each is reached, and whom to tell first."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from rfl.background import settle
from rfl.domain.access import Role, Verb
from rfl.domain.approval import Approves, Exact
from rfl.domain.breach import Asked
from rfl.domain.care import Established
from rfl.domain.dossier import Dossier, Statement
from rfl.domain.enquiry import Channel, Enquiry
from rfl.domain.groups import Group
from rfl.domain.handover import Handover
from rfl.domain.ids import new_id
from rfl.domain.message import Message, Party
from rfl.domain.person import Name, Relation
from rfl.domain.purpose import Purpose
from rfl.domain.received import Received
from rfl.domain.request import Contact, Level, Separation
from rfl.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    LockedDown,
    SealBroken,
    StorageFailed,
)
from rfl.flows import (
    answer_request,
    approve,
    attach_file,
    enrol,
    erase,
    receive_enquiry,
    register,
    review,
    rotate_keys,
    search,
    send_message,
    work_enquiry,
)
from rfl.flows.admit import add_account
from rfl.flows.list_breach import list_breach
from rfl.flows.lock_down import begin_lockdown, read_lockdown
from rfl.flows.open_breach import open_breach
from rfl.flows.runtime import MATCHER_CALL, OFFICE_CALL, Call, Runtime
from rfl.storage import handovers, honey, ledger, received
from rfl.storage.shelf import Filed
from tests.api.support import entries
from tests.support import (
    BRANCH,
    OFFICER,
    SUPERVISOR,
    Clock,
    make_actor,
    make_call,
    make_person,
    make_registration,
    make_request,
)

WORDS = "correct horse battery staple"
THIEF, OTHER, THIRD = (make_call() for _ in range(3))
SAFE = Contact(
    phones=("+38970123456",),
    safest_channel="phone of the neighbour",
    hours="after 18",
    letters_language="fa",
)


def asked(rt: Runtime, **by: Any) -> Asked:
    """The day that it is, for whoever is named."""
    now = rt.clock()
    return Asked(since=now - timedelta(hours=12), until=now + timedelta(hours=12), **by)


def asked_of_thief(rt: Runtime) -> Asked:
    """What the thief has read on that day."""
    return asked(rt, actor=THIEF.actor.id)


def listed(rt: Runtime, folder: Path, by: Asked, call: Call = OFFICE_CALL) -> list[dict[str, Any]]:
    """What the list holds, from head to end."""
    path = folder / f"list-{len(os.listdir(folder))}.rflx"
    list_breach(rt, call, by, path, WORDS)
    return list(open_breach(path, WORDS))


def people(documents: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Record, part and first name of each person, in the order of telling."""
    return [
        (one["record"], one["part"], one["names"][0])
        for one in documents
        if one["type"] == "person"
    ]


def opened(rt: Runtime, name: str, **fields: Any) -> str:
    """A case of this enquirer, with nobody else's name."""
    sought = make_person(f"Sought by {name}", birth="1961")
    return register.open_case(
        rt, OFFICER, make_request(make_person(name), sought, **fields), None
    ).id


def test_p30_exactly_what_the_thief_has_read_is_listed_the_endangered_first(
    rt: Runtime, tmp_path: Path, clock: Clock
) -> None:
    plain = opened(rt, "Ana Plain", contact=SAFE)
    feared = opened(rt, "Bilal Feared", separation=Separation(fears="his brother's enemies"))
    shown = enrol.add_registration(rt, OFFICER, make_registration(make_person("Chiara Shown")))
    erased = opened(rt, "Dara Erased")
    spared = opened(rt, "Elif Spared")
    intake = register.open_intake(rt, THIEF).id
    settle(rt)
    review.read_case(rt, THIEF, plain)  # yesterday: out of the span
    clock.move(days=1)
    for case in (plain, erased):
        review.read_case(rt, THIEF, case)
    review.read_case(rt, THIEF, feared)
    search.search(rt, THIEF, intake, make_person("Chiara Shown"))
    for other in (OTHER, THIRD):
        review.read_case(rt, other, spared)
    with pytest.raises(Forbidden):
        review.read_case(rt, replace(THIEF, actor=replace(THIEF.actor, branch="ohrid")), spared)
    erase.erase_case(rt, SUPERVISOR, erased, "data_subject_request")

    documents = listed(rt, tmp_path, asked(rt, actor=THIEF.actor.id))
    assert people(documents) == [
        (feared, "enquirer", "Bilal Feared"),
        (feared, "sought", "Sought by Bilal Feared"),
        (plain, "enquirer", "Ana Plain"),
        (plain, "sought", "Sought by Ana Plain"),
        (shown, "registered", "Chiara Shown"),
    ]
    by_name = {one["names"][0]: one for one in documents if one["type"] == "person"}
    told = by_name["Ana Plain"]
    assert told["languages"] == ["fa"]
    assert told["reach"]["channel"] == "phone of the neighbour"
    assert told["reach"]["phones"] == ["+38970123456"]
    assert by_name["Sought by Ana Plain"]["reach"]["channel"] is None
    assert by_name["Chiara Shown"]["groups"] == ["identity"]
    assert "fears" in by_name["Bilal Feared"]["why"]
    head, end = documents[0], documents[-1]
    assert [one["type"] for one in documents if one["type"] == "gone"] == ["gone"]
    assert (head["records"], head["erased"], head["unnamed"]) == (3, 1, 0)
    assert end == {"type": "end", "persons": 5}
    said = [(one["reason"], one["actor"]) for one in entries(rt, "breach.list")]
    assert said == [("begun", "service"), ("complete", "service")]


def test_p30_a_honey_case_that_was_read_is_nobodys_and_not_among_the_erased(
    sqlite_rt: Runtime, tmp_path: Path
) -> None:
    rt = sqlite_rt
    plain, bait = opened(rt, "Ana Plain"), opened(rt, "Nobody Real")
    with rt.begin(OFFICE_CALL, Verb.HONEY_CHANGE) as work:
        honey.keep(work, {bait})
        ledger.append(work)
    for case in (plain, bait):
        review.read_case(rt, THIEF, case)
    documents = listed(rt, tmp_path, asked(rt, actor=THIEF.actor.id))
    assert {record for record, _part, _name in people(documents)} == {plain}
    assert (documents[0]["records"], documents[0]["erased"]) == (1, 0)
    assert {one["type"] for one in documents[1:]} == {"person", "end"}


def test_p30_the_people_of_a_society_are_those_who_were_sent_to_it(
    sqlite_rt: Runtime, tmp_path: Path, clock: Clock
) -> None:
    rt = sqlite_rt
    opened(rt, "Ana Kept")
    sent = opened(rt, "Bilal Sent")
    log_id = entries(rt, "case.open")[-1]["objects"][0]
    for peer, groups in (("south", [Group.IDENTITY, Group.CONTACT]), ("west", [Group.IDENTITY])):
        with rt.begin(OFFICER, Verb.TRANSMIT) as work:
            work.peer = peer
            ledger.append(work, objects=[log_id], groups=groups, count=1)
    # What was sent long ago is there still.
    clock.move(days=300)
    documents = listed(rt, tmp_path, asked(rt, node="south"))
    assert {record for record, _part, _name in people(documents)} == {sent}
    assert documents[1]["groups"] == ["contact", "identity"]
    assert documents[0]["asked"][-1] == "node south"
    assert people(listed(rt, tmp_path, asked(rt, node="east"))) == []


def test_p30_a_leaked_version_of_the_keys_concerns_whoever_was_under_it(
    rt: Runtime, tmp_path: Path, clock: Clock
) -> None:
    first = opened(rt, "Ana First")
    gone = opened(rt, "Bilal Gone")
    erase.erase_case(rt, SUPERVISOR, gone, "data_subject_request")
    clock.move(hours=1)
    rotate_keys.rotate_keys(rt, OFFICE_CALL)
    clock.move(hours=1)
    second = opened(rt, "Chiara Second")
    old = listed(rt, tmp_path, asked(rt, key=1))
    assert {record for record, _part, _name in people(old)} == {first}
    assert old[0]["erased"] == 1
    new = listed(rt, tmp_path, asked(rt, key=2))
    assert {record for record, _part, _name in people(new)} == {first, second}
    with pytest.raises(InvalidInput):
        listed(rt, tmp_path, asked(rt, key=3))


def test_p30_a_child_comes_before_an_adult_and_a_restricted_case_first(
    sqlite_rt: Runtime, tmp_path: Path
) -> None:
    rt = sqlite_rt
    adult = opened(rt, "Ana Adult")
    child = make_person("Bilal Child", birth="2020")
    young = register.open_case(rt, OFFICER, make_request(None, child), None).id
    hidden = opened(rt, "Chiara Hidden", level=Level.RESTRICTED)
    for case in (adult, young, hidden):
        review.read_case(rt, THIEF, case)
    order = [one[0] for one in people(listed(rt, tmp_path, asked(rt, actor=THIEF.actor.id)))]
    assert list(dict.fromkeys(order)) == [hidden, young, adult]


def test_p30_nothing_of_the_list_is_on_the_disk_in_clear_and_a_broken_file_says_so(
    sqlite_rt: Runtime, tmp_path: Path
) -> None:
    case = opened(sqlite_rt, "Zarathustra Unmistakable")
    review.read_case(sqlite_rt, THIEF, case)
    folder = tmp_path / "lists"
    folder.mkdir()
    by, path = asked(sqlite_rt, actor=THIEF.actor.id), folder / "list.rflx"
    list_breach(sqlite_rt, OFFICE_CALL, by, path, WORDS)
    assert os.listdir(folder) == ["list.rflx"]
    assert path.stat().st_mode & 0o777 == 0o600
    whole = path.read_bytes()
    assert b"Zarathustra" not in whole
    with pytest.raises(Conflict):
        list_breach(sqlite_rt, OFFICE_CALL, by, path, WORDS)
    with pytest.raises(SealBroken):
        list(open_breach(path, WORDS + "r"))
    for broken in (whole[:-1], whole[:40], whole[:100] + b"x" + whole[101:], b"rflbrch1", b""):
        path.write_bytes(broken)
        with pytest.raises(SealBroken):
            list(open_breach(path, WORDS))
    with pytest.raises(StorageFailed):
        list(open_breach(folder / "none.rflx", WORDS))
    with pytest.raises(InvalidInput):
        list_breach(sqlite_rt, OFFICE_CALL, by, folder / "short.rflx", "too short")
    assert os.listdir(folder) == ["list.rflx"]


def test_p30_where_two_administrators_are_both_agree_to_exactly_this_list(
    sqlite_rt: Runtime, tmp_path: Path
) -> None:
    rt = sqlite_rt
    rt.rules = replace(rt.rules, four_eyes=frozenset(Approves))
    made = [
        add_account(rt, OFFICE_CALL, Role.ADMINISTRATOR, "hq", name).account for name in ("A", "B")
    ]
    first, second = (
        Call(replace(make_actor(Role.ADMINISTRATOR, "hq"), id=one), Purpose.ADMINISTRATION)
        for one in made
    )
    by = asked(rt, actor=THIEF.actor.id)
    path = tmp_path / "list.rflx"
    with pytest.raises(Forbidden):
        list_breach(rt, OFFICE_CALL, by, path, WORDS)
    assert not path.exists()
    exact = Exact(Approves.BREACH_LIST, "breach", by.words())
    approval = approve.ask_approval(rt, first, exact, "A token was stolen.")
    approve.give_approval(rt, second, approval, 1)
    call = replace(OFFICE_CALL, approval=approval)
    other = replace(by, until=by.until + timedelta(days=1))
    with pytest.raises(Forbidden):
        list_breach(rt, call, other, path, WORDS)
    path.touch()
    with pytest.raises(Conflict):
        list_breach(rt, call, by, path, WORDS)
    path.unlink()
    list_breach(rt, call, by, path, WORDS)
    assert path.exists()


def _beside(rt: Runtime, case: str) -> dict[str, str]:
    """One record of each kind that is no case and no registration: its id by what it is."""
    said = Enquiry(Channel.VISIT, "Fatima Caller", "My son.", True, reach="Sunday", language="ar")
    writer, addressee = Party((Name("Goran Writer"),)), Party((Name("Hana Addressee"),))
    letter = Message(writer, addressee, Relation.SISTER, "We are well.", "mk", detainee=True)
    asked_for = make_request(make_person("Ivan Asking"), make_person("Jana Asked"))
    stated = Statement(Established.ESTABLISHED, rt.today(), rt.today())
    fears = Separation(fears="those who took her")
    dossier = Dossier(
        asked_for.sought, frozenset(), stated, rt.today(), enquirer=None, separation=fears
    )
    given = make_request(make_person("Kemal Given"), make_person("Lana Given"))
    made = {
        "enquiry": receive_enquiry.receive_enquiry(rt, OFFICER, said),
        "message": send_message.collect_message(rt, OFFICER, letter, case),
    }
    with rt.begin(MATCHER_CALL, Verb.PEER_TELL) as work:
        rows = {
            kind: Filed(new_id(kind), None, BRANCH, None, work.micros, None, open=True, version=1)
            for kind in ("rcv", "hnd")
        }
        received.add(work, rows["rcv"], Received("south", "S-1", dossier, rt.today()), work.micros)
        handovers.add(work, rows["hnd"], Handover("south", "S-2", coming=True, request=given))
    return made | {kind: row.id for kind, row in rows.items()}


def test_p30_everybody_is_listed_who_is_in_a_letter_an_enquiry_or_another_societys_request(
    rt: Runtime, tmp_path: Path
) -> None:
    case = opened(rt, "Ana Photographed")
    attach_file.attach_file(rt, OFFICER, case, "application/pdf", b"%PDF-1.7")
    made = _beside(rt, case)
    holder = add_account(rt, OFFICE_CALL, Role.TRACING_OFFICER, BRANCH, "Mira Holder").account
    by_key = listed(rt, tmp_path, asked(rt, key=1))
    assert {(record, part, name) for record, part, name in people(by_key) if record != case} == {
        (made["enquiry"], "caller", "Fatima Caller"),
        (made["message"], "writer", "Goran Writer"),
        (made["message"], "addressee", "Hana Addressee"),
        (made["rcv"], "sought", "Jana Asked"),
        (made["hnd"], "enquirer", "Kemal Given"),
        (made["hnd"], "sought", "Lana Given"),
        (holder, "holder", "Mira Holder"),
    }
    told = {one["names"][0]: one for one in by_key if one["type"] == "person"}
    assert told["Ana Photographed"]["attachments"] == 1
    assert (told["Fatima Caller"]["reach"]["channel"], told["Fatima Caller"]["languages"]) == (
        "Sunday",
        ["ar"],
    )
    bands = {name: told[name]["band"] for name in ("Hana Addressee", "Jana Asked", "Mira Holder")}
    assert list(bands.values()) == [1, 1, 4]

    work_enquiry.read_enquiry(rt, THIEF, made["enquiry"])
    send_message.read_message(rt, THIEF, made["message"])
    answer_request.read_received(rt, THIEF, made["rcv"])
    read = {record for record, _part, _name in people(listed(rt, tmp_path, asked_of_thief(rt)))}
    assert read == {case, made["enquiry"], made["message"], made["rcv"]}


def test_p30_in_a_lockdown_the_data_protection_officer_alone_opens_the_list_and_nothing_else(
    rt: Runtime, tmp_path: Path
) -> None:
    rt.rules = replace(rt.rules, four_eyes=frozenset(Approves))
    case, bait = opened(rt, "Ana Read"), opened(rt, "Nobody Real")
    with rt.begin(OFFICE_CALL, Verb.HONEY_CHANGE) as work:
        honey.keep(work, {bait})
        ledger.append(work)
    review.read_case(rt, THIEF, case)
    begin_lockdown(rt, OFFICE_CALL)
    officer = make_call(Role.DATA_PROTECTION_OFFICER, Purpose.DATA_SUBJECT_REQUEST)
    before = rt.agent.unwraps()
    for call, error in (
        (OFFICE_CALL, LockedDown),
        (make_call(Role.ADMINISTRATOR, Purpose.ADMINISTRATION), Forbidden),
        (make_call(Role.SUPERVISOR, Purpose.SUPERVISION), Forbidden),
        (replace(officer, purpose=Purpose.TRACING), Forbidden),
    ):
        with pytest.raises(error):
            listed(rt, tmp_path, asked_of_thief(rt), call)
    with pytest.raises(LockedDown):
        review.read_case(rt, officer, case)
    assert rt.agent.unwraps() == before
    found = listed(rt, tmp_path, asked_of_thief(rt), officer)
    assert {record for record, _part, _name in people(found)} == {case}
    said = [(one["reason"], one["actor"]) for one in entries(rt, "breach.list")][-2:]
    assert said == [("begun", officer.actor.id), ("complete", officer.actor.id)]
    assert read_lockdown(rt).in_force
    assert {one["reason"] for one in entries(rt, "alarm.raise")} == {"lockdown"}


@pytest.mark.parametrize(
    "wrong",
    [
        lambda now: Asked(now, now + timedelta(1)),
        lambda now: Asked(now, now + timedelta(1), actor=THIEF.actor.id, key=1),
        lambda now: Asked(now, now, actor=THIEF.actor.id),
        lambda now: Asked(now, now + timedelta(1), actor="Ana"),
        lambda now: Asked(now.replace(tzinfo=None), now + timedelta(1), key=1),
    ],
)
def test_a_question_names_one_span_and_one_way(clock: Clock, wrong: Callable[..., Asked]) -> None:
    with pytest.raises(InvalidInput):
        wrong(clock())
