"""Every surface through which words can be planted; a new one gets a function here, `@surface`."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from rfl.background import settle
from rfl.domain.access import Actor, Role
from rfl.domain.consent import Use
from rfl.domain.person import Name
from rfl.domain.purpose import Purpose
from rfl.domain.request import Contact, Separation
from rfl.errors import RflError
from rfl.flows import accept, appoint, cosign, hand_over, judge, notice_keys, take_over
from rfl.flows.rules import Collector
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.flows.send_log import Form, Wish, send_log
from rfl.flows.sequence import sequence_waiting
from rfl.flows.stream_log import stream_batch
from rfl.storage import migrate
from rfl.storage.database import Database
from tests.api.files import CSV, XLSX, XML, make_csv, make_pfif, make_xlsx
from tests.api.support import Caller, Desk, done, make_registration, make_request
from tests.api.test_enquiries import eligible
from tests.audit import collector
from tests.audit.exported import AUDIT_CALL
from tests.casework import make_credibility
from tests.exchange.across import assess, shared_request
from tests.exchange.by_hand import know, opened
from tests.exchange.network import Society, befriend, make_network, make_society
from tests.needles import ARABIC, CYRILLIC, EMAIL, LATIN, NAMES, NUMBER, PHONE, STORY, found_in
from tests.office import NO_DANGER
from tests.office import open_desk as open_office
from tests.signin.provider import make_issuer, make_token
from tests.support import BRANCH, Clock

Surface = Callable[[Desk], None]
SURFACES: list[Surface] = []


def surface(plant: Surface) -> Surface:
    """Mark a function that plants the words through one surface."""
    SURFACES.append(plant)
    return plant


def person(**changes: Any) -> dict[str, Any]:
    """A person with a planted word in every field that takes one."""
    place = {"country": "MK", "province": LATIN, "town": ARABIC, "address": STORY, "text": CYRILLIC}
    names = [
        {"text": f"{name} {LATIN}", "parts": [{"text": name, "kind": "own"}]} for name in NAMES
    ]
    return {
        "names": names,
        "birth": {"text": "1961"},
        "birth_place": place,
        "kin": [{"relation": "mother", "names": names}],
        "last_address": place,
        "photos": [STORY],
        "identifiers": [
            {"kind": "phone", "value": PHONE},
            {"kind": "email", "value": EMAIL},
            {"kind": "unhcr", "value": NUMBER, "issuer": LATIN},
            {"kind": "passport", "value": NUMBER},
        ],
        "occupation": LATIN,
        "marks": STORY,
        "journey": [{"place": place}],
        "ethnicity": CYRILLIC,
        "religion": ARABIC,
        "languages": [LATIN],
        "health": STORY,
        "detention": STORY,
    } | changes


def full_request() -> dict[str, Any]:
    """A tracing request full of planted words."""
    told = dict.fromkeys(("narrative", "last_news", "companions", "route", "fears"), STORY)
    return make_request(
        enquirer=person(),
        sought=[{"relation": "sister", "person": person()}],
        contact={"phones": [PHONE], "emails": [EMAIL], "representative": LATIN},
        separation=told,
        message=STORY,
    )


def full_registration(**source: Any) -> dict[str, Any]:
    """A registration full of planted words."""
    said = {"kind": "camp", "owner": f"Camp of {LATIN}", "record_id": NUMBER} | source
    return make_registration(person=person(), source=said, remarks=STORY)


def _files() -> list[tuple[bytes, str]]:
    """Good rows and bad ones in every format, made before temporary files are watched for."""
    named = list(enumerate(NAMES))
    good = [(f"{NUMBER}-{one}", f"{name} {LATIN}", "male", "1990") for one, name in named]
    bad = [(f"{NUMBER}-9", f"{ARABIC} {LATIN}", LATIN, STORY), (NUMBER, "", "male", LATIN)]
    people = [(f"{LATIN}.example/{one}", name) for one, name in named]
    return [
        (make_csv(*good, *bad), CSV),
        (make_xlsx(*good, *bad, ("1", f'=UPPER("{LATIN}")', "male", "1990")), XLSX),
        (make_pfif(*people, (f"{LATIN} {ARABIC}", CYRILLIC)), XML),
    ]


FILES = _files()


@surface
def tracing_requests(desk: Desk) -> None:
    """Opened, read, listed, changed, and one erased."""
    case = done(desk.officer.post("/v1/requests", full_request()), 201)["id"]
    path = f"/v1/cases/{case}/request"
    kept = desk.officer.get(path)
    assert all(word in kept.text for word in NAMES), "the words were really kept"
    stamp = {"If-Match": '"1"'}
    done(desk.officer.put(path, kept.json() | {"message": f"{STORY} again"}, headers=stamp))
    assert desk.officer.put(path, kept.json(), headers=stamp).status_code == 412
    desk.officer.get("/v1/cases?limit=1")
    erased = done(desk.officer.post("/v1/cases", full_request()), 201)["id"]
    body = {"reason": "data_subject_request"}
    assert desk.supervisor().post(f"/v1/cases/{erased}/erasure", body).status_code == 204


@surface
def case_files(desk: Desk) -> None:
    """Judged, noted, rested and reopened, with planted words wherever there is text."""
    case = done(desk.officer.post("/v1/cases", full_request()), 201)["id"]
    steps: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", "credibility", dict.fromkeys(_CREDIBLE, STORY) | {"relationship": "established"}),
        ("PUT", "screening", dict.fromkeys(_HARMS, "no") | {"goes_on": True, "reason": STORY}),
        ("POST", "notes", {"said": f"{STORY} {LATIN}"}),
        ("POST", "suspension", {"review_on": "2031-01-01", "reason": STORY}),
        ("POST", "closing", {"ending": "withdrawn"}),
        ("POST", "reopening", {"reason": ARABIC}),
    ]
    for number, (method, name, body) in enumerate(steps, start=1):
        call = desk.officer.put if method == "PUT" else desk.officer.post
        stamp = {"If-Match": f'"{number}"'}
        done(call(f"/v1/cases/{case}/{name}", body, headers=stamp))
        assert call(f"/v1/cases/{case}/{name}", body, headers=stamp).status_code == 412
        wrong = body | {"country": LATIN, CYRILLIC: STORY}
        assert call(f"/v1/cases/{case}/{name}", wrong, headers=stamp).status_code == 422
    kept = desk.officer.get(f"/v1/cases/{case}/file")
    assert all(word in kept.text for word in (LATIN, ARABIC)), "the words were really kept"


_CREDIBLE = ("identity_by", "relationship_by", "question", "answer")
_HARMS = ("family_dispute", "court_dispute", "abuse", "persecution")


@surface
def enquiries(desk: Desk) -> None:
    """Received, moved, and one sent with words where there are choices."""
    said = {"channel": "visit", "caller": f"{LATIN} {ARABIC}", "said": STORY, "is_relative": True}
    said |= {"reach": PHONE, "language": CYRILLIC}
    made = done(desk.officer.post("/v1/enquiries", said), 201)["id"]
    path = f"/v1/enquiries/{made}"
    stamp = {"If-Match": '"1"'}
    turn = {"state": "triage", "said": f"{STORY} {LATIN}"}
    done(desk.officer.post(f"{path}/turns", turn, headers=stamp))
    assert desk.officer.post(f"{path}/turns", turn, headers=stamp).status_code == 412
    assert desk.officer.post("/v1/enquiries", said | {"channel": LATIN}).status_code == 422
    assert desk.officer.post("/v1/enquiries", said | {CYRILLIC: STORY}).status_code == 422
    assert found_in(desk.officer.get("/v1/enquiries").content) == []
    kept = desk.officer.get(path).text
    assert all(word in kept for word in (LATIN, ARABIC, CYRILLIC)), "the words were really kept"


@surface
def families(desk: Desk) -> None:
    """Looked for, said to be another, merged with wrong words, and the history of it."""
    one, into = (done(desk.officer.post("/v1/cases", full_request()), 201)["id"] for _ in range(2))
    settle(desk.rt)
    enquiry = eligible(desk.officer)
    looked = {"made_for": enquiry, "request": full_request()}
    shown = desk.officer.post("/v1/looks", looked)
    assert {found["record"] for found in done(shown)["items"]} >= {one, into}
    assert desk.officer.post("/v1/looks", looked | {"made_for": LATIN}).status_code == 422
    path, stamp = f"/v1/enquiries/{enquiry}/family", {"If-Match": '"5"'}
    done(desk.officer.post(path, {"reason": f"{STORY} {LATIN}"}, headers=stamp))
    assert desk.officer.post(path, {"case": LATIN}, headers=stamp).status_code == 422
    done(desk.officer.post("/v1/cases", full_request() | {"intake": enquiry}), 201)
    said = {"into": into, "same_enquirer": True, "persons": [{"sought": LATIN, "same_as": STORY}]}
    merging = f"/v1/cases/{one}/merge"
    assert desk.officer.post(merging, said, headers={"If-Match": '"1"'}).status_code == 422
    note = {"said": f"{STORY} {ARABIC}"}
    done(desk.officer.post(f"/v1/cases/{one}/notes", note, headers={"If-Match": '"1"'}))
    kept = desk.officer.get(f"/v1/cases/{one}/timeline").text
    assert ARABIC in kept, "the words were really kept"
    assert desk.officer.get(f"/v1/cases/{one}/timeline?cursor={LATIN}").status_code == 422


@surface
def journals(desk: Desk) -> None:
    """Every text of the searching side: notes, leads, answers, a death, a child, a reunion."""
    case = done(desk.officer.post("/v1/cases", full_request()), 201)["id"]
    searcher = desk.caller(Role.TRACING_OFFICER, "tracing")
    path = f"/v1/cases/{case}/search"
    done(desk.caller(Role.SUPERVISOR, "tracing").post(f"{path}/team", _joins(searcher.account)))
    person = done(searcher.get(path))["searches"][0]["person"]
    enquirer = done(desk.officer.get(f"/v1/cases/{case}/request"))["enquirer"]["id"]
    asked = dict.fromkeys(("place", "language", "identified_by", "interpreter"), LATIN)
    asked |= {"on": "2026-03-01", "form": "signed", "alone": True, "identified_first": True}
    steps: list[dict[str, Any]] = [
        {"step": "note", "said": f"{STORY} {LATIN}"},
        dict.fromkeys(_HARMS, "no") | {"step": "screening", "goes_on": True, "reason": STORY},
        {"step": "lead", "person": person, "source": f"{LATIN} {CYRILLIC}"},
        {"step": "verify", "person": person},
        {
            **{"step": "answer", "person": person, "enquirer": enquirer},
            **{"items": [], "consultation": asked},
        },
        {"step": "move", "person": person, "state": "searching", "said": ARABIC},
        {"step": "lead", "person": person, "source": STORY},
        {
            **{"step": "death", "person": person, "source": "list", "said_by": LATIN},
            **dict.fromkeys(("document", "died_on", "burial_place"), CYRILLIC),
        },
    ]
    for number, body in enumerate(steps, start=2):
        stamp = {"If-Match": f'"{number}"'}
        done(searcher.post(path, body, headers=stamp))
        assert searcher.post(path, body, headers=stamp).status_code == 412
        assert searcher.post(path, body | {CYRILLIC: STORY}, headers=stamp).status_code == 422
        assert searcher.post(path, body | {"step": LATIN}, headers=stamp).status_code == 422
    kept = searcher.get(path).text
    assert all(word in kept for word in (LATIN, ARABIC, CYRILLIC)), "the words were really kept"


def _joins(account: str) -> dict[str, Any]:
    return {"officer": account, "joins": True}


@surface
def registrations(desk: Desk) -> None:
    """Added, read, changed, sent twice."""
    made = done(desk.officer.post("/v1/registrations", full_registration()), 201)["id"]
    path = f"/v1/registrations/{made}"
    kept = done(desk.officer.get(path))["registration"]
    done(desk.officer.put(path, kept | {"remarks": STORY * 2}, headers={"If-Match": '"1"'}))
    assert desk.officer.post("/v1/registrations", full_registration()).status_code == 409


@surface
def partners_lists(desk: Desk) -> None:
    """Good rows and refused ones, in every format."""
    for number, (content, media_type) in enumerate(FILES):
        list_id = desk.officer.open_list(owner=f"List {number} of {LATIN} {ARABIC}")
        taken = done(desk.officer.send(list_id, content, media_type))
        assert taken["added"]
        assert taken["refused"]
        assert found_in(json.dumps(taken["refusals"]).encode()) == []
        done(desk.officer.get(f"/v1/lists/{list_id}"))
    done(desk.supervisor().delete(f"/v1/lists/{list_id}"))


@surface
def broken_lists(desk: Desk) -> None:
    """Files that are no lists, or of another type."""
    list_id = desk.officer.open_list()
    planted = f"{LATIN} {ARABIC} {PHONE}".encode()
    for content in (planted, b"<" + planted, b"PK\x03\x04" + planted, b"%PDF" + planted):
        for media_type in (CSV, XML, XLSX, f"text/{LATIN}"):
            assert desk.officer.send(list_id, content, media_type).status_code >= 400
    assert desk.officer.delete(f"/v1/lists/{LATIN}").status_code >= 400


@surface
def searches(desk: Desk) -> None:
    """For an intake, with hits."""
    settle(desk.rt)
    intake = done(desk.officer.post("/v1/intakes"), 201)["id"]
    sought = {"made_for": intake, "person": person()}
    assert done(desk.officer.post("/v1/searches", sought))["items"]
    assert desk.officer.post("/v1/searches", sought | {"made_for": LATIN}).status_code == 422


@surface
def matches(desk: Desk) -> None:
    """Proposed and decided, with a reason in the officer's words."""
    settle(desk.rt)
    items = done(desk.officer.get("/v1/cases"))["items"]
    cases = [one["id"] for one in items if one["state"] == "open"]
    told_of = [desk.officer.get(f"/v1/cases/{case}/matches") for case in cases]
    # Where a search has begun, its team alone sees what is proposed.
    found = next(done(one)["items"] for one in told_of if one.status_code == 200)
    assert found
    told = desk.officer.get("/v1/notices")
    assert found_in(told.content) == []
    assert found[0]["id"] in {one["match"] for one in done(told)["items"]}
    assert desk.officer.delete(f"/v1/notices/{found[-1]['id']}").status_code == 204
    assert desk.officer.delete(f"/v1/notices/{LATIN}").status_code == 422
    path = f"/v1/matches/{found[0]['id']}"
    decision = {"state": "rejected", "reason": STORY}
    done(desk.officer.post(f"{path}/decisions", decision, headers={"If-Match": '"1"'}))
    assert STORY in desk.officer.get(path).text
    again = desk.officer.post(f"{path}/decisions", decision, headers={"If-Match": '"2"'})
    assert again.status_code == 409


@surface
def broken_glass(desk: Desk) -> None:
    """Why somebody reads further, and what a review has found."""
    made = done(desk.officer.post("/v1/break-glass", {"reason": STORY, "hours": 1}), 201)["id"]
    path = f"/v1/break-glass/{made}"
    done(desk.officer.post(f"{path}/end", headers={"If-Match": '"1"'}))
    dpo = desk.caller(Role.DATA_PROTECTION_OFFICER, "supervision")
    found = {"found": f"{STORY} {LATIN}", "justified": False}
    done(dpo.post(f"{path}/review", found, headers={"If-Match": '"2"'}))
    assert LATIN in dpo.get(path).text, "the words were really kept"
    assert (
        desk.officer.post("/v1/break-glass", {"reason": STORY, "hours": LATIN}).status_code == 422
    )


@surface
def four_eyes(desk: Desk) -> None:
    """A request for a second officer: the name of an account, the reason in an officer's words."""
    body = {"approves": "role_grant", "subject": "auditor", "details": ["ohrid", LATIN]}
    asked = desk.administrator().post("/v1/approvals", body | {"reason": STORY})
    made = done(asked, 201)["id"]
    second = desk.administrator()
    assert LATIN in second.get(f"/v1/approvals/{made}").text, "the words were really kept"
    done(second.post(f"/v1/approvals/{made}/approval", headers={"If-Match": '"1"'}))
    assert second.post("/v1/approvals", body | {"subject": STORY * 99}).status_code == 422
    path = f"/v1/cases/{LATIN}/erasure"
    assert second.post(path, {"reason": LATIN}, headers={"RFL-Approval": "x"}).status_code == 422


@surface
def authorities(desk: Desk) -> None:
    """An order in an authority's words, decided in others, and what it was given."""
    dpo = desk.caller(Role.DATA_PROTECTION_OFFICER, "data_subject_request")
    case = done(desk.officer.post("/v1/cases", full_request()), 201)["id"]
    enquirer = done(desk.officer.get(f"/v1/cases/{case}"))["request"]["enquirer"]["id"]
    order = {"reference": f"{CYRILLIC} {NUMBER}", "law": f"{ARABIC} {LATIN}", "dated": "2026-02-28"}
    asked = {"record": case, "about": "enquirer", "person": enquirer, "order": order}
    asked |= {"authority": "police-north", "items": ["name", "phone"], "reason": STORY}
    made = done(desk.officer.post("/v1/disclosures", asked), 201)["id"]
    path, decided = f"/v1/disclosures/{made}", {"agrees": True, "reason": f"{STORY} {PHONE}"}
    decided["agency"] = {"forbidden_by": f"{LATIN} {EMAIL}"}
    done(dpo.post(f"{path}/decision", decided, headers={"If-Match": '"1"'}))
    assert LATIN in dpo.get(path).text, "the words were really kept"
    handed = done(desk.officer.post(f"{path}/giving", headers={"If-Match": '"2"'}))
    assert PHONE in json.dumps(handed), "they were really given"
    for wrong in ({"authority": LATIN}, {"person": PHONE}, {"record": STORY}, {"items": [ARABIC]}):
        assert desk.officer.post("/v1/disclosures", asked | wrong).status_code == 422
    assert desk.officer.get(f"/v1/disclosures/{LATIN}").status_code == 422


@surface
def photos_and_documents(desk: Desk) -> None:
    """A document full of words: sent, listed, opened, sent as what it is not, removed."""
    case = done(desk.officer.post("/v1/cases", full_request()), 201)["id"]
    path, words = f"/v1/cases/{case}/attachments", f"{STORY} {LATIN} {ARABIC} {PHONE}".encode()
    document = {"content": b"%PDF-1.7 " + words, "headers": {"Content-Type": "application/pdf"}}
    made = done(desk.officer.post(path, **document), 201)["id"]
    for kind in ("image/jpeg", "image/png", f"text/{LATIN}"):
        wrong = document | {"headers": {"Content-Type": kind}}
        assert desk.officer.post(path, **wrong).status_code == 415
    assert found_in(desk.officer.get(path).content) == []
    assert words in desk.officer.get(f"/v1/attachments/{made}").content
    desk.officer.post(path, **document)
    assert desk.officer.delete(f"/v1/attachments/{made}").status_code == 204
    assert desk.officer.get(f"/v1/attachments/{LATIN}").status_code == 422


def full_letter() -> dict[str, Any]:
    """A Red Cross Message full of planted words."""
    party = {"names": [{"text": name} for name in NAMES], "places": [{"text": STORY}]}
    letter = {"writer": party, "addressee": party, "relation": "mother"}
    return letter | {"news": f"{STORY} {LATIN}", "language": "fa"}


@surface
def red_cross_messages(desk: Desk) -> None:
    """Collected, returned, written anew, sent, carried and answered; a call; wrong words."""
    made = done(desk.officer.post("/v1/messages", full_letter()), 201)["id"]
    path, carrier = f"/v1/messages/{made}", desk.caller(Role.TRACING_OFFICER, "tracing")
    for number, (call, name, body) in enumerate(
        [
            (desk.officer.post, "checks", {"returned": "politics"}),
            (desk.officer.put, "news", {"news": f"{STORY} {ARABIC}"}),
            (desk.officer.post, "checks", {}),
            (desk.officer.post, "transmission", {"country": "MK"}),
        ],
        start=1,
    ):
        wrong = call(f"{path}/{name}", body | {LATIN: STORY}, headers={"If-Match": f'"{number}"'})
        assert wrong.status_code == 422
        done(call(f"{path}/{name}", body, headers={"If-Match": f'"{number}"'}))
    reply = {"reply": f"{STORY} {CYRILLIC}"}
    refused = reply | {"returned": "money"}
    done(carrier.post(f"{path}/delivery/reply", refused, headers={"If-Match": '"1"'}))
    done(carrier.post(f"{path}/delivery/reply", reply, headers={"If-Match": '"2"'}))
    kept = desk.officer.get(path).text + carrier.get(f"{path}/delivery").text
    assert all(word in kept for word in (ARABIC, CYRILLIC)), "the words were really kept"
    spoken = {"on": "2026-02-01", "way": "phone", "both_agreed": True}
    done(desk.officer.post("/v1/calls", spoken), 201)
    assert desk.officer.post("/v1/calls", spoken | {"way": LATIN}).status_code == 422
    assert desk.officer.post("/v1/calls", spoken | {"case_id": LATIN}).status_code == 422
    assert desk.officer.get(f"/v1/messages/{LATIN}").status_code == 422


@surface
def tasks(desk: Desk) -> None:
    """Planned and done on both sides, with planted words; and queues that words should narrow."""
    officer, searcher = desk.officer, desk.caller(Role.TRACING_OFFICER, "tracing")
    case = done(officer.post("/v1/cases", full_request()), 201)["id"]
    path = f"/v1/cases/{case}/tasks"
    body = {"kind": "other", "what": f"{LATIN} {ARABIC}", "due_on": "2027-01-15"}
    made = done(officer.post(path, body), 201)["id"]
    assert officer.post(path, body | {"kind": LATIN}).status_code == 422
    assert officer.post(path, body | {CYRILLIC: STORY}).status_code == 422
    assert officer.post(path, body | {"remind_on": [LATIN]}).status_code == 422
    assert LATIN in officer.get(f"/v1/tasks/{made}").text, "the words were really kept"
    stamp = {"If-Match": '"1"'}
    done(officer.post(f"/v1/tasks/{made}/done", {"came": f"{STORY} {CYRILLIC}"}, headers=stamp))
    assert found_in(officer.get("/v1/tasks?until=2099-12-31").content) == []
    done(desk.caller(Role.SUPERVISOR, "tracing").post(*_joining(case, searcher.account)))
    step = {"step": "task", "what": f"{LATIN} {ARABIC}", "due_on": "2027-01-15"}
    team = f"/v1/cases/{case}/search"
    done(searcher.post(team, step, headers={"If-Match": '"2"'}))
    wrong = {"step": "done", "task": LATIN}
    assert searcher.post(team, wrong, headers={"If-Match": '"3"'}).status_code == 422
    assert ARABIC in searcher.get(team).text, "the words were really kept"
    for name in ("mine", "branch", "answers", "judge_again", "searching", LATIN):
        for narrow in ("country", "level", "opened_from", "branch", "until", "waits", "cursor"):
            assert officer.get(f"/v1/queues/{name}?{narrow}={LATIN}").status_code >= 400
        assert found_in(searcher.get(f"/v1/queues/{name}").content) == []
    for path in ("/v1/tasks?until=", "/v1/transmissions?peer=", "/v1/notices?code="):
        assert officer.get(f"{path}{LATIN}").status_code == 422


def _joining(case: str, account: str) -> tuple[str, dict[str, Any]]:
    return f"/v1/cases/{case}/search/team", _joins(account)


@surface
def transmissions(desk: Desk) -> None:
    """A request to another society, with words where codes, days and results belong."""
    case = done(desk.officer.post("/v1/cases", full_request()), 201)["id"]
    path = f"/v1/cases/{case}/transmissions"
    body = {"peer": "south", "methods": ["visit"], "due_on": "2027-01-15"}
    for field in body:
        assert desk.officer.post(path, body | {field: LATIN}).status_code == 422
    assert desk.officer.post(path, body | {ARABIC: STORY}).status_code == 422
    assert desk.officer.post(path, body).status_code == 409, "nothing was agreed to"
    move = {"state": "declined", "reason": STORY, "results": [{"person": LATIN, "outcome": LATIN}]}
    stamp = {"If-Match": '"1"'}
    address = f"/v1/transmissions/{LATIN}/moves"
    assert desk.officer.post(address, move, headers=stamp).status_code == 422
    uses = {"uses": [CYRILLIC]}
    assert desk.officer.post(f"/v1/cases/{case}/withdrawal", uses, headers=stamp).status_code == 422


@surface
def sealed_dossiers(desk: Desk) -> None:
    """A case full of words goes to a society without a node, as a file that shows none of them."""
    rt, before = desk.rt, desk.rt.rules
    rt.rules = replace(before, network=make_network("north"))
    notice_keys.notice_keys(rt)
    know(rt, "west")
    agreed = {"uses": ["share"], "form": "signed", "given_on": str(rt.today())}
    share = {"methods": ["visit"], "consents": [agreed | {"recipients": ["west"]}]}
    share |= {"notice": {"version": "3", "language": "fa", "given_on": str(rt.today())}}
    share |= {"separation": full_request()["separation"] | {"cause": "migration"}}
    case = done(desk.officer.post("/v1/cases", full_request() | share), 201)["id"]
    call = Call(Actor(desk.officer.account, Role.TRACING_OFFICER, BRANCH), Purpose.TRACING)
    judge.judge_credible(rt, call, case, 1, make_credibility())
    judge.screen_enquirer(rt, call, case, 2, NO_DANGER)
    accept.accept_case(rt, call, case, 3)
    body = {"peer": "west", "methods": ["visit"], "due_on": "2027-01-15"}
    sent = done(desk.officer.post(f"/v1/cases/{case}/transmissions", body), 201)["id"]
    address, stamp = f"/v1/transmissions/{sent}/dossier", {"If-Match": '"1"'}
    made = done(desk.officer.post(address, {}, headers=stamp))
    assert found_in(str(made).encode()) == []
    page = opened(made["file"].encode(), made["passphrase"])["page"]
    assert all(word in page for word in NAMES), "the words really left, and were sealed"
    for path, words in (
        ("", {"language": LATIN}),
        ("/withdrawal", {"person": ARABIC, "on": LATIN}),
    ):
        assert desk.officer.post(f"{address}{path}", words, headers=stamp).status_code == 422
    paper = full_letter() | {"peer": "west", "ref": "W-118"}
    came = done(desk.officer.post("/v1/messages/received", paper), 201)["id"]
    replied = {"reply": STORY}
    carrier = desk.caller(Role.TRACING_OFFICER, "tracing")
    done(carrier.post(f"/v1/messages/{came}/delivery/reply", replied, headers=stamp))
    version = desk.officer.get(f"/v1/messages/{came}").headers["etag"]
    at = {"If-Match": version}
    made = done(desk.officer.post(f"/v1/messages/{came}/dossier", {}, headers=at))
    assert found_in(str(made).encode()) == []
    assert STORY.splitlines()[0] in opened(made["file"].encode(), made["passphrase"])["page"]
    rt.rules = before


@surface
def leaving(desk: Desk) -> None:
    """Words where accounts belong."""
    supervisor = desk.caller(Role.SUPERVISOR, "tracing")
    for path, other in (("/v1/reassignments", "officer"), ("/v1/search-reassignments", "searcher")):
        body = {"leaving": LATIN, other: ARABIC}
        assert supervisor.post(path, body).status_code == 422


@surface
def accounts(desk: Desk) -> None:
    """The name of an account's holder."""
    body = {"role": "tracing_officer", "branch": "ohrid", "name": f"{LATIN} {ARABIC}"}
    done(desk.administrator().post("/v1/accounts", body), 201)
    assert desk.administrator().post("/v1/accounts", body | {"branch": STORY}).status_code == 422


@surface
def ways_to_sign_in(desk: Desk) -> None:
    """A subject of the identity provider, who may be named by it; and words where tokens belong."""
    desk.rt.issuer = make_issuer()
    administrator, account = desk.administrator(), desk.officer.account
    subject = {"subject": f"{LATIN}@example"}
    assert administrator.put(f"/v1/accounts/{account}/subject", subject).status_code == 204
    assert administrator.put(f"/v1/accounts/{LATIN}/subject", subject).status_code == 422
    assert administrator.post(f"/v1/accounts/{LATIN}/removal").status_code == 422
    named = desk.officer.post("/v1/tokens", {"purposes": [LATIN]})
    assert named.status_code == 422
    bearer = make_token(sub=f"{LATIN}@example", name=STORY)
    done(desk.client.get("/v1/me", headers={"Authorization": f"Bearer {bearer}"}))
    bearer = make_token(sub=LATIN, aud=STORY[:200])
    answer = desk.client.get("/v1/me", headers={"Authorization": f"Bearer {bearer}"})
    assert answer.status_code == 401
    desk.rt.issuer = None
    _sign_in_with_planted_words(desk, administrator)


def _sign_in_with_planted_words(desk: Desk, administrator: Caller) -> None:
    """A name, a password and a code that hold planted words."""
    account = desk.caller(Role.AUDITOR, "audit").account
    made = done(administrator.post(f"/v1/accounts/{account}/invitation"), 201)
    given = {"name": LATIN, "password": f"{STORY[:60]} {ARABIC}"}
    accepting = given | {"invitation": made["invitation"]}
    done(desk.client.post("/v1/sign-in/invitations", json=accepting))
    for body in (given | {"code": LATIN}, given | {"device": LATIN}, {"name": STORY}, [STORY]):
        assert desk.client.post("/v1/sign-in", json=body).status_code in (401, 422)


@surface
def the_auditors_questions(desk: Desk) -> None:
    """Family names, a reviewer's reason, and words where a question wants ids and codes."""
    reader = desk.caller(Role.TRACING_OFFICER, "administration")
    named = reader.put("/v1/me/family-names", {"names": [*NAMES]})
    assert named.status_code == 204
    for _ in range(5):
        case = done(desk.officer.post("/v1/cases", full_request()), 201)["id"]
        done(reader.get(f"/v1/cases/{case}", headers={"RFL-Purpose": "tracing"}))
    desk.rt.clock.move(days=1)  # type: ignore[attr-defined]
    auditor = desk.auditor()
    done(auditor.post("/v1/log/reviews", {"family_names": True}))
    found = done(auditor.get("/v1/log/findings"))["items"]
    assert "own_family" in {one["code"] for one in found}
    assert found_in(json.dumps(found).encode()) == []
    path = f"/v1/log/findings/{found[0]['id']}"
    judged = {"state": "escalated", "reason": STORY}
    done(auditor.post(f"{path}/decisions", judged, headers={"If-Match": '"1"'}))
    assert STORY in auditor.get(path).text
    for field in ("actor", "object", "person", "action", "purpose", "peer", "since", "cursor"):
        for word in (LATIN, ARABIC):
            answer = auditor.post("/v1/log/questions", {field: word})
            assert answer.status_code in (403, 422), field
    guardian = desk.caller(Role.DATA_PROTECTION_OFFICER, "data_subject_request")
    wrong = {"record": LATIN, "person": ARABIC, "identity_checked": True}
    assert guardian.post("/v1/log/statements", wrong).status_code == 422
    told = guardian.post("/v1/log/statements", wrong | {"record": case, "person": None})
    assert told.status_code == 422


@surface
def the_log_leaves_the_house(desk: Desk) -> None:
    """Exports for a recipient, the stream and a statement, after the words went through the log."""
    case = done(desk.officer.post("/v1/cases", full_request()), 201)["id"]
    auditor = desk.auditor()
    wish = {"form": "fhir", "recipient": "auditor-1", "until": "2099-03-31"}
    for form in Form:
        answer = auditor.post("/v1/log-exports", wish | {"form": form})
        assert answer.status_code == 200, answer.text
        assert found_in(answer.content) == []
    for field in wish:
        assert auditor.post("/v1/log-exports", wish | {field: LATIN}).status_code == 422
    assert found_in(auditor.get("/v1/log-exports").content) == []
    sending = send_log(desk.rt, AUDIT_CALL, Wish(Form.CSV, "auditor-2", date(2099, 3, 31)))
    assert found_in(b"".join(sending.lines)) == []
    with tempfile.TemporaryDirectory(dir=Path(__file__).parent) as folder:
        assert found_in(b"".join(_streamed(desk.rt, Path(folder)))) == []
    guardian = desk.caller(Role.DATA_PROTECTION_OFFICER, "data_subject_request")
    asked = {"record": case, "identity_checked": True}
    assert found_in(guardian.post("/v1/log/statements", asked).content) == []


def _streamed(rt: Runtime, folder: Path) -> list[bytes]:
    """What a collector receives by syslog."""
    kept = rt.rules
    with collector.running(*collector.make_certificate(folder / "collector")) as receiver:
        ca = folder / "collector" / "certificate.pem"
        to = Collector(collector.HOST, receiver.port, "watch", 365, ca)
        rt.rules = replace(kept, collector=to)
        sequence_waiting(rt)
        while stream_batch(rt):
            pass
    rt.rules = kept
    assert receiver.messages
    return receiver.messages


@surface
def bad_bodies(desk: Desk) -> None:
    """Words where the API wants something else: as keys, choices, dates, ids, and not as JSON."""
    wrong: list[Any] = [
        {LATIN: ARABIC},
        [LATIN],
        LATIN,
        make_request(level=LATIN, methods=[ARABIC], legal_basis=CYRILLIC),
        make_request(enquirer=person(**{LATIN: 1, "sex": ARABIC, "birth": {"text": STORY}})),
        make_request(enquirer=person(id=LATIN, nationalities=[LATIN])),
        make_request(enquirer=person(names=[{"text": f"{LATIN}\x00"}])),
        make_request(enquirer=person(names=[{"text": LATIN * 50}])),
        make_request(intake=LATIN),
        make_request(consents=[{"uses": [LATIN], "form": ARABIC, "given_on": CYRILLIC}]),
    ]
    for body in wrong:
        assert desk.officer.post("/v1/requests", body).status_code == 422
    for content in (f'{{"{LATIN}": "{ARABIC}"', f'{{"{LATIN}": 1, "{LATIN}": 2}}', STORY):
        for encoding in ("utf-8", "utf-16"):
            options = {"content": content.encode(encoding), "json": None}
            headers = {"Content-Type": "application/json"}
            answer = desk.officer.post("/v1/requests", None, headers=headers, **options)
            assert answer.status_code == 422


@surface
def bad_headers_and_addresses(desk: Desk) -> None:
    """Words where no word belongs: in headers, addresses, queries and methods."""
    wrong = LATIN.encode(), CYRILLIC.encode(), b"Bearer " + CYRILLIC.encode()
    for name in ("RFL-Purpose", "Idempotency-Key", "If-Match", "Authorization", "Content-Type"):
        for value in wrong:
            headers = {name: value}
            desk.officer.post("/v1/requests", full_request(), headers=headers)
    for path in (f"/v1/cases/{LATIN}", f"/v1/{ARABIC}", f"/v1/cases?{LATIN}={ARABIC}"):
        assert desk.officer.get(path).status_code in (404, 422)
    for path in (f"/v1/cases?cursor={LATIN}", f"/v1/cases?limit={CYRILLIC}", f"/v1/log/{LATIN}"):
        assert desk.officer.get(path).status_code in (403, 422)
    assert desk.client.request(LATIN.upper(), f"/v1/{LATIN}").status_code in (404, 405)


@surface
def watching(desk: Desk) -> None:
    """Words where a peer's code, a key or an alarm's id belongs."""
    done(desk.auditor().get("/v1/log/witnesses"))
    done(desk.administrator().get("/v1/health"))
    done(desk.auditor().get("/v1/alarms"))
    assert desk.auditor().post(f"/v1/alarms/{LATIN}/seen").status_code == 422
    for peer, key in ((LATIN, f"{LATIN}+{ARABIC}"), ("south", f"{LATIN}+00000000+AAAA")):
        with pytest.raises(RflError):
            appoint.appoint(desk.rt, OFFICE_CALL, peer, key)
    cosign.cosign(desk.rt, OFFICE_CALL, f"old 0\n\n{LATIN}\n{STORY}\n\n{ARABIC}".encode())


@surface
def handovers(desk: Desk) -> None:
    """A case that another society hands over, with words everywhere; wrong words; one that goes."""
    folder = Path(tempfile.gettempdir()).parent / "handing"
    with _neighbour(desk, folder) as (here, there):
        case = _offered(there, here)
        there.deliver()
        taker = desk.caller(Role.TRACING_OFFICER, "tracing", branch=here.network.branch)
        [row] = done(taker.get("/v1/handovers"))["items"]
        path, stamp = f"/v1/handovers/{row['id']}", {"If-Match": '"1"'}
        kept = taker.get(path).text
        assert all(word in kept for word in (LATIN, ARABIC, CYRILLIC, STORY)), "they really came"
        wrong = taker.post(f"{path}/acceptance", headers={"If-Match": f'"{LATIN}"'})
        assert wrong.status_code == 412
        for name in ("acceptance", "refusal"):
            assert taker.post(f"/v1/handovers/{LATIN}/{name}", headers=stamp).status_code == 422
        done(taker.post(f"{path}/acceptance", headers=stamp))
        for _way in range(2):
            here.deliver()
            there.deliver()
        assert take_over.open_given(here.rt) == 1
        known = next(one for one in done(taker.get("/v1/cases"))["items"] if one["id"] != case)
        assert STORY in taker.get(f"/v1/cases/{known['id']}/request").text, "they were kept"
        mine = _offered(here, there)
        body = {"peer": LATIN}
        assert taker.post(f"/v1/cases/{mine}/handover", body, headers=stamp).status_code >= 400
        here.deliver()


@contextmanager
def _neighbour(desk: Desk, folder: Path) -> Iterator[tuple[Society, Society]]:
    """The desk's node on the network, and another society that it trusts, for a while."""
    before = desk.rt.rules
    folder.mkdir()
    url = f"sqlite:///{folder / 'rfl.db'}"
    database = Database(url)
    migrate.upgrade(database)
    database.dispose()
    south = make_society(url, folder, cast("Clock", desk.rt.clock), "south")
    desk.rt.rules = replace(before, society="north", network=make_network("north"))
    south.rt.rules = replace(south.rt.rules, four_eyes=frozenset())
    south.client.event_hooks = desk.client.event_hooks  # its answers are watched as well
    notice_keys.notice_keys(desk.rt)
    north = Society(desk.rt, desk.client)
    befriend(north, south)
    assess(north, south)
    assess(south, north)
    yield north, south
    south.rt.database.dispose()
    desk.rt.rules = before


def _offered(here: Society, there: Society) -> str:
    """Offer a case full of planted words; return its id."""
    names = tuple(Name(word) for word in (LATIN, ARABIC, CYRILLIC))
    uses = frozenset({Use.SHARE, Use.CONTACT})
    request = shared_request(here.rt.today(), there.network.code, message=STORY)
    told = Separation(narrative=STORY, fears=STORY)
    request = replace(
        request,
        enquirer=replace(request.enquirer, names=names),
        contact=Contact(phones=(PHONE,), safest_channel=STORY),
        consents=(replace(request.consents[0], uses=uses),),
        separation=told,
    )
    office = open_office(here.rt, request)
    hand_over.offer_case(here.rt, office.supervisor, office.case, 1, there.network.code)
    return office.case
