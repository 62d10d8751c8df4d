"""Bad input as JSON: the answer names field and rule, never the value; nothing is stored."""

import json
from typing import Any

import pytest

from rfl.flows.runtime import Runtime
from tests.api.support import (
    Desk,
    make_registration,
    make_request,
    nothing_stored,
    open_desk,
    raw_call,
    refused,
    with_birth,
    with_name,
)

SECRET = "Zulfiqar-Unmistakable"
NAME = "sought[0].person.names[0].text"
VISIBLE = "must contain at least one visible character"


def refuse(desk: Desk, body: Any, field: str, rule: str, path: str = "/v1/requests") -> None:
    """Assert that the body is refused for this field and rule, untold and unstored."""
    with nothing_stored(desk.rt):
        answer = desk.officer.post(path, body)
    problem = refused(answer, 422, field, rule)
    assert problem["code"] == "invalid-input"
    assert any(field == one["field"] and rule in one["rule"] for one in problem["errors"])
    assert SECRET not in answer.text


def send(desk: Desk, content: bytes, media_type: str | None = "application/json") -> Any:
    """POST these bytes as a tracing request, of which nothing may be stored."""
    with nothing_stored(desk.rt):
        headers = {"Content-Type": media_type}
        return desk.officer.post("/v1/requests", None, content=content, json=None, headers=headers)


def test_an_unknown_field_is_refused(desk: Desk) -> None:
    refuse(desk, make_request(**{SECRET: 1}), "body", "unknown field")
    body = make_request()
    body["enquirer"]["contact"] = SECRET
    refuse(desk, body, "enquirer", "unknown field")
    body = with_name("Maryam")
    body["sought"][0]["person"]["names"][0][SECRET] = SECRET
    refuse(desk, body, "sought[0].person.names[0]", "unknown field")


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"sought": SECRET}, "sought", "must be a list"),
        ({"enquirer": [SECRET]}, "enquirer", "must be an object"),
        ({"message": {"text": SECRET}}, "message", "must be text"),
        ({"child_enquirer": 1}, "child_enquirer", "must be true or false"),
        ({"level": SECRET}, "level", "must be 'normal', 'restricted' or 'named_persons_only'"),
        ({"methods": [SECRET]}, "methods[0]", "must be 'visit'"),
        ({"legal_basis": None}, "legal_basis", "is required"),
        (
            {"notice": {"version": "1", "language": "fa", "given_on": 20260228}},
            "notice.given_on",
            "must be a day as YYYY-MM-DD",
        ),
        ({"contact": {"phones": "+38970111222"}}, "contact.phones", "must be a list"),
    ],
)
def test_a_wrong_type_is_refused(
    sqlite_desk: Desk, changes: dict[str, Any], field: str, rule: str
) -> None:
    refuse(sqlite_desk, make_request(**changes), field, rule)


@pytest.mark.parametrize("body", [[], SECRET, 7, None, True])
def test_a_body_that_is_no_object_is_refused(sqlite_desk: Desk, body: Any) -> None:
    answer = send(sqlite_desk, json.dumps(body).encode())
    refused(answer, 422, "body", "must be an object")
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    ("birth", "field", "rule"),
    [
        ({"text": "2023-02-29"}, "text", ""),
        ({"text": "1998-13-01"}, "text", ""),
        ({"text": "31.06.1979"}, "text", ""),
        ({"text": "1402-12-31", "calendar": "solar_hijri"}, "text", ""),
        ({"text": SECRET}, "text", ""),
        ({"text": "35-45 on 2023-02-29"}, "text", "must name a day that exists"),
        ({}, "text", "must be given, or an age"),
        ({"age": {"low": 30, "high": 20, "on": "2024-05-01"}}, "age", "must run from low to high"),
        ({"age": {"low": 30, "high": 40, "on": "2024-02-30"}}, "age.on", "must be a day"),
        ({"age": {"low": True, "high": 40, "on": "2024-02-01"}}, "age.low", "a whole number"),
    ],
)
def test_an_impossible_date_is_refused(
    sqlite_desk: Desk, birth: dict[str, Any], field: str, rule: str
) -> None:
    refuse(sqlite_desk, with_birth(birth), f"enquirer.birth.{field}", rule)


@pytest.mark.parametrize(
    ("birth", "field"),
    [
        ({"text": "1979", "age": {"low": 3, "high": 4, "on": "2024-05-01"}}, "text"),
        ({"text": "1979", "edtf": "1980"}, "edtf"),
        ({"text": "1979", "earliest": "1979-01-02"}, "earliest"),
        ({"text": "about 1979", "approximate": False}, "approximate"),
    ],
)
def test_a_contradictory_date_is_refused(
    sqlite_desk: Desk, birth: dict[str, Any], field: str
) -> None:
    refuse(sqlite_desk, with_birth(birth), f"enquirer.birth.{field}", "")


def test_a_range_that_ends_before_it_begins_is_refused(sqlite_desk: Desk) -> None:
    refuse(sqlite_desk, with_birth({"text": "1990/1980"}), "enquirer.birth.text", "")
    consent = {"uses": ["search"], "form": "signed", "given_on": "2026-02-28"}
    body = make_request(consents=[consent | {"holds_until": "2026-02-27"}])
    refuse(sqlite_desk, body, "consents[0].holds_until", "must not lie before given_on")


def test_a_consent_in_the_future_or_that_has_run_out_is_refused(sqlite_desk: Desk) -> None:
    consent = {"uses": ["search"], "form": "signed", "given_on": "2026-02-01"}
    for change, field in (
        ({"given_on": "2026-03-02"}, "given_on"),
        ({"holds_until": "2026-02-28"}, "holds_until"),
    ):
        body = make_request(consents=[consent | change])
        refuse(sqlite_desk, body, f"consents[0].{field}", "must not lie in the")


@pytest.mark.parametrize("name", ["", " ", "\u3000\u2003"])
def test_an_empty_name_is_refused(sqlite_desk: Desk, name: str) -> None:
    refuse(sqlite_desk, with_name(name), NAME, VISIBLE)


def test_a_person_without_a_name_is_refused(sqlite_desk: Desk) -> None:
    body = make_request()
    body["sought"][0]["person"]["names"] = []
    refuse(sqlite_desk, body, "sought[0].person.names", "must hold at least one name")
    body = make_registration(person={"sex": "female"})
    refuse(sqlite_desk, body, "person.names", "at least one name", "/v1/registrations")


@pytest.mark.parametrize(
    "name", ["\u202e\u202d", "\u200f", "\x00", "\x1b\x07", "\u200b\u200d", "\u2066\u2069\t"]
)
def test_a_name_of_control_or_bidi_characters_only_is_refused(sqlite_desk: Desk, name: str) -> None:
    refuse(sqlite_desk, with_name(name), NAME, VISIBLE)


@pytest.mark.parametrize("name", [f"{SECRET}\x00", f"{SECRET}\n", f"\x1b[31m{SECRET}"])
def test_control_characters_inside_a_name_are_refused(sqlite_desk: Desk, name: str) -> None:
    refuse(sqlite_desk, with_name(name), NAME, "must not contain control characters")


def test_half_a_character_is_refused(sqlite_desk: Desk) -> None:
    content = json.dumps(with_name("HALF")).replace("HALF", "\\ud83d").encode()
    answer = send(sqlite_desk, content)
    refused(answer, 422, NAME, "must be whole Unicode characters")


def test_a_10_mb_field_is_refused_before_it_is_read(sqlite_desk: Desk) -> None:
    answer = send(sqlite_desk, json.dumps(with_name(SECRET * 500_000)).encode())
    problem = refused(answer, 413, "body", "must be at most 1048576 bytes")
    assert problem["code"] == "too-large"
    assert SECRET not in answer.text


def test_a_10_mb_field_is_refused_by_its_own_limit_too(sqlite_rt: Runtime) -> None:
    with open_desk(sqlite_rt, body_max_bytes=32_000_000) as desk:
        refuse(desk, with_name(SECRET * 500_000), NAME, "must be at most 400 characters")
        narrative = {"narrative": SECRET * 500_000}
        body = make_request(separation=narrative)
        refuse(desk, body, "separation.narrative", "must be at most 20000 characters")


def test_a_body_is_bounded_whatever_its_declared_length(sqlite_desk: Desk) -> None:
    parts = [b" " * 100_000] * 20
    headers = sqlite_desk.officer.headers | {"Content-Type": "application/json"}
    for declared in ({}, {"Content-Length": "10"}, {"Transfer-Encoding": "chunked"}):
        status, taken = raw_call(sqlite_desk, "POST", "/v1/requests", headers | declared, parts)
        assert (status, taken) == (413, 11)
    for declared in ({"Content-Length": "99999999999999999999"}, {"Content-Length": "-1"}):
        status, taken = raw_call(sqlite_desk, "POST", "/v1/requests", headers | declared, parts)
        assert (status, taken) == (413, 0)


def test_too_few_or_too_many_items_are_refused(sqlite_desk: Desk) -> None:
    refuse(sqlite_desk, make_request(sought=[]), "sought", "must hold 1 to 30 persons")
    body = make_request(sought=make_request()["sought"] * 31)
    refuse(sqlite_desk, body, "sought", "must hold at most 30 items")
    body = make_request(contact={"phones": ["+38970111222"] * 51})
    refuse(sqlite_desk, body, "contact.phones", "must hold at most 50 items")


@pytest.mark.parametrize("wrong", [b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"\xf8\x88\x80\x80"])
def test_invalid_utf8_is_refused(sqlite_desk: Desk, wrong: bytes) -> None:
    content = json.dumps(with_name(SECRET)).encode().replace(b"Zulf", b"Zulf" + wrong)
    answer = send(sqlite_desk, content)
    refused(answer, 422, "body", "must be UTF-8")
    assert SECRET[5:] not in answer.text


@pytest.mark.parametrize(
    ("content", "field", "rule"),
    [
        (b'{"message": "a", "message": "b"}', "message", "must not come twice"),
        (b'{"enquirer": {"names": [], "sex": "male", "sex": "female"}}', "sex", "come twice"),
        (b'{"Zulfiqar-Unmistakable": 1, "Zulfiqar-Unmistakable": 1}', "body", "come twice"),
        (b'{"message": "a", "mess\\u0061ge": "b"}', "message", "must not come twice"),
    ],
)
def test_a_duplicate_key_in_json_is_refused(
    sqlite_desk: Desk, content: bytes, field: str, rule: str
) -> None:
    answer = send(sqlite_desk, content)
    refused(answer, 422, field, rule)
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"{'a': 1}", b'{"a": 1} {}', b'\xef\xbb\xbf{"a": 1}', b"9" * 9_999, b"\0"],
)
def test_malformed_json_is_refused(sqlite_desk: Desk, content: bytes) -> None:
    refused(send(sqlite_desk, content), 422, "body", "must be valid JSON")


def test_endlessly_many_fields_are_refused(sqlite_desk: Desk) -> None:
    content = b"{" + b",".join(b'"%d":0' % number for number in range(50_000)) + b"}"
    refused(send(sqlite_desk, content), 422, "body", "must hold at most 20000 fields")


@pytest.mark.parametrize("content", [b'{"low": NaN}', b"[Infinity]", b"-Infinity"])
def test_numbers_that_json_does_not_have_are_refused(sqlite_desk: Desk, content: bytes) -> None:
    refused(send(sqlite_desk, content), 422, "body", "must not hold NaN or Infinity")


@pytest.mark.parametrize(
    "content", [b"[" * 500_000, b'{"a":' * 150_000, b"[" * 2_000 + b"]" * 2_000]
)
def test_endlessly_nested_json_is_refused(sqlite_desk: Desk, content: bytes) -> None:
    refused(send(sqlite_desk, content), 422, "body", "must not be nested so deeply")


@pytest.mark.parametrize(
    "media_type",
    [
        None,
        "text/plain",
        "application/xml",
        "application/json; charset=utf-16",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
        "application/problem+json",
        f"text/{SECRET}",
    ],
)
def test_a_wrong_content_type_is_refused(sqlite_desk: Desk, media_type: str | None) -> None:
    answer = send(sqlite_desk, json.dumps(make_request()).encode(), media_type)
    problem = refused(answer, 415, "Content-Type", "must be sent as application/json")
    assert problem["code"] == "unsupported-media-type"
    assert SECRET not in answer.text


def test_a_compressed_body_is_refused(sqlite_desk: Desk) -> None:
    headers = {"Content-Encoding": "gzip"}
    answer = sqlite_desk.officer.post("/v1/requests", make_request(), headers=headers)
    refused(answer, 415, "Content-Type", "not encoded further")


def test_a_missing_purpose_is_refused(desk: Desk) -> None:
    with nothing_stored(desk.rt):
        headers = {"RFL-Purpose": None}
        answer = desk.officer.post("/v1/requests", with_name(SECRET), headers=headers)
    problem = refused(answer, 400, "RFL-Purpose", "must name one purpose of the closed list")
    assert problem["code"] == "purpose-missing"


@pytest.mark.parametrize("wrong", ["cas_1", "Maryam", "reg_00000000000000000000000000", "%00", "é"])
def test_a_wrong_id_is_refused(sqlite_desk: Desk, wrong: str) -> None:
    answer = sqlite_desk.officer.get(f"/v1/cases/{wrong}")
    refused(answer, 422, "id", "must be an id that starts with cas_")
    assert "Maryam" not in answer.text
