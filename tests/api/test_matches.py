"""Proposals, decisions and search by HTTP."""

import math

import pytest

from rfl.api.schemas.casework import Hits, Match, Matches, ProposalNotices
from rfl.background import settle
from rfl.domain.access import Role
from tests.api.support import CASEWORK, Desk, done, make_registration, refused


@pytest.fixture
def case(desk: Desk) -> str:
    """A case with one proposal."""
    made = desk.officer.open_case()
    desk.officer.add_registration()
    settle(desk.rt)
    return made


def test_a_proposal_shows_both_persons_and_its_reasons_in_words(desk: Desk, case: str) -> None:
    [match] = done(desk.officer.get(f"/v1/cases/{case}/matches"))["items"]
    assert match["sought"]["names"][0]["text"] == "Maryam Hosseini"
    assert match["other"]["names"][0]["text"] == "مريم حسيني"
    assert (match["state"], match["open"], match["version"]) == ("proposed", True, 1)
    names = next(one for one in match["reasons"] if one["field"] == "names")
    assert names["sentence"].endswith(".")
    assert "." in names["code"]
    answer = desk.officer.get(f"/v1/matches/{match['id']}")
    assert done(answer) == match
    Match.model_validate_json(answer.content, strict=False)


LANGUAGES = [
    (None, "en", "Of "),
    ("mk", "mk", "Од "),
    ("ar-SY, en;q=0.5", "ar", "من كل"),
    ("ru;q=0.9, de", "ru", "Из "),
    ("tlh", "en", "Of "),
]


@pytest.mark.parametrize(("asked", "given", "start"), LANGUAGES)
def test_the_sentences_are_in_the_language_that_is_asked_for(
    desk: Desk, case: str, asked: str | None, given: str, start: str
) -> None:
    headers = {"Accept-Language": asked} if asked else {}
    answer = desk.officer.get(f"/v1/cases/{case}/matches", headers=headers)
    [match] = done(answer)["items"]
    assert answer.headers["Content-Language"] == given
    assert match["band_sentence"].startswith(start)
    assert "" not in {reason["sentence"] for reason in match["reasons"]}


def test_the_reasons_add_up_and_say_what_they_speak_for(desk: Desk, case: str) -> None:
    [match] = done(desk.officer.get(f"/v1/cases/{case}/matches"))["items"]
    assert match["total"] == pytest.approx(sum(one["weight"] for one in match["reasons"]))
    assert match["probability"] == pytest.approx(1 / (1 + math.exp(-match["total"])), abs=1e-4)
    verdicts = {one["verdict"] for one in match["reasons"]}
    assert verdicts <= {"for", "against", "neither", "unknown"}
    lacking = {one["field"] for one in match["reasons"] if one["verdict"] == "unknown"}
    assert lacking <= {*match["sought"]["unknown"], *match["other"]["unknown"]}


def test_a_decision_needs_a_reason_and_the_current_version(desk: Desk, case: str) -> None:
    [match] = done(desk.officer.get(f"/v1/cases/{case}/matches"))["items"]
    path, stamp = f"/v1/matches/{match['id']}/decisions", {"If-Match": '"1"'}
    body = {"state": "rejected", "reason": "Another mother: the brothers' names differ."}
    refused(desk.officer.post(path, body), 428, "If-Match", "must carry the ETag")
    empty = {"state": "rejected", "reason": " "}
    refused(desk.officer.post(path, empty, headers=stamp), 422, "reason", "visible character")
    assert done(desk.officer.post(path, body, headers=stamp))["version"] == 2
    refused(desk.officer.post(path, body, headers=stamp), 412, None, "has changed")
    again = desk.officer.post(path, body, headers={"If-Match": '"2"'})
    refused(again, 409, None, "cannot become rejected")
    after = done(desk.officer.get(f"/v1/matches/{match['id']}"))
    assert (after["state"], after["open"]) == ("rejected", False)
    assert after["decisions"][0]["by"] == desk.officer.account
    assert after["decisions"][0]["reason"] == body["reason"]
    settle(desk.rt)
    assert len(done(desk.officer.get(f"/v1/cases/{case}/matches"))["items"]) == 1


def test_a_proposal_is_not_shown_to_a_branch_without_a_case_in_it(desk: Desk, case: str) -> None:
    [match] = done(desk.officer.get(f"/v1/cases/{case}/matches"))["items"]
    stranger = desk.caller(Role.TRACING_OFFICER, CASEWORK, branch="ohrid")
    refused(stranger.get(f"/v1/matches/{match['id']}"), 404, None, "no such record")


def test_a_search_shows_names_and_bands_and_at_most_ten(desk: Desk) -> None:
    for number in range(12):
        source = {"kind": "camp", "owner": "Vinojug", "record_id": f"V-{number}"}
        body = make_registration(source=source)
        body["contact"] = {"phones": ["+38970111222"]}
        done(desk.officer.post("/v1/registrations", body), 201)
    settle(desk.rt)
    intake = done(desk.officer.post("/v1/intakes"), 201)["id"]
    person = {"names": [{"text": "Maryam Hosseini"}], "sex": "female"}
    answer = desk.officer.post("/v1/searches", {"made_for": intake, "person": person})
    hits = done(answer)["items"]
    assert len(hits) == 10
    assert set(hits[0]) == {"record", "part", "names", "band", "band_sentence", "reasons"}
    assert hits[0]["part"] == "registered"
    assert "+38970111222" not in answer.text
    Hits.model_validate_json(answer.content, strict=False)


def test_a_search_is_bound_to_a_case_or_an_intake(desk: Desk) -> None:
    body = {"made_for": "nobody", "person": {"names": [{"text": "Maryam Hosseini"}]}}
    answer = desk.officer.post("/v1/searches", body)
    refused(answer, 422, "made_for", "must be the id of a case or an intake")
    body = {"made_for": desk.officer.open_case(), "person": {"sex": "female"}}
    refused(desk.officer.post("/v1/searches", body), 422, "names", "at least one name")
    assert desk.officer.get("/v1/searches?name=Maryam").status_code == 405


def test_a_branch_lists_what_is_new_by_id_and_puts_it_away(desk: Desk, case: str) -> None:
    [match] = done(desk.officer.get(f"/v1/cases/{case}/matches"))["items"]
    answer = desk.officer.get("/v1/notices")
    [told] = done(answer)["items"]
    assert (told["match"], told["code"]) == (match["id"], "new")
    ProposalNotices.model_validate_json(answer.content, strict=False)
    assert done(desk.caller(Role.TRACING_OFFICER, CASEWORK, branch="ohrid").get("/v1/notices")) == {
        "items": [],
        "next": None,
    }
    assert desk.officer.delete(f"/v1/notices/{match['id']}").status_code == 204
    assert done(desk.officer.get("/v1/notices"))["items"] == []
    refused(desk.officer.get("/v1/notices?limit=0"), 422, "limit", "at least 1")


def test_two_registrations_of_one_person_are_listed_with_each_other(desk: Desk) -> None:
    made = [
        done(
            desk.officer.post(
                "/v1/registrations",
                make_registration(source={"kind": "camp", "owner": "Vinojug", "record_id": number}),
            ),
            201,
        )["id"]
        for number in ("V-1", "V-2")
    ]
    settle(desk.rt)
    answer = desk.officer.get(f"/v1/registrations/{made[0]}/matches")
    [match] = done(answer)["items"]
    assert match["kind"] == "duplicate"
    assert {match["sought"]["record"], match["other"]["record"]} == set(made)
    Matches.model_validate_json(answer.content, strict=False)
