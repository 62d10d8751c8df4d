"""Partners' lists by HTTP: entered, sent, sent again, read and taken back."""

import pytest

from rfl.api.schemas.lists import ListAnswer, Taken
from rfl.background import settle
from tests.api.files import CSV, XLSX, XML, make_csv, make_pfif, make_xlsx
from tests.api.support import Desk, done, make_terms, refused

PERSONS = (("V-1", "Maryam Hosseini", "female", "1961"), ("V-2", "علي رضا", "male", "1990"))
FILES = {
    "csv": (make_csv(*PERSONS), CSV),
    "xlsx": (make_xlsx(*PERSONS), XLSX),
    "pfif": (make_pfif(*((f"vinojug.example/{one[0]}", one[1]) for one in PERSONS)), XML),
}


@pytest.mark.parametrize("form", FILES)
def test_a_list_goes_in_and_a_second_time_changes_nothing(desk: Desk, form: str) -> None:
    content, media_type = FILES[form]
    list_id = desk.officer.open_list()
    answer = desk.officer.send(list_id, content, media_type)
    taken = done(answer)
    Taken.model_validate_json(answer.content)
    assert (taken["rows"], taken["added"], taken["refused"]) == (2, 2, 0)
    again = done(desk.officer.send(list_id, content, media_type))
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 2)
    assert len(done(desk.officer.get("/v1/registrations"))["items"]) == 2


def test_rows_of_a_list_are_proposed_to_cases(sqlite_desk: Desk) -> None:
    case = sqlite_desk.officer.open_case()
    done(sqlite_desk.officer.send(sqlite_desk.officer.open_list(), *FILES["csv"]))
    settle(sqlite_desk.rt)
    [match] = done(sqlite_desk.officer.get(f"/v1/cases/{case}/matches"))["items"]
    assert match["band"] in ("nine_in_ten", "two_in_three", "one_in_two", "one_in_five")


def test_a_bad_row_is_told_by_number_field_and_rule_and_the_rest_goes_in(desk: Desk) -> None:
    bad = make_csv(*PERSONS, ("V-3", "Zulfiqar-Unmistakable", "female", "1998-13-45"))
    answer = desk.officer.send(desk.officer.open_list(), bad, CSV)
    taken = done(answer)
    assert (taken["added"], taken["refused"]) == (2, 1)
    [refusal] = taken["refusals"]
    assert (refusal["row"], refusal["field"]) == (4, "birth")
    assert refusal["rule"]
    assert "Zulfiqar" not in answer.text


def test_columns_are_mapped_by_query(sqlite_desk: Desk) -> None:
    content = make_csv(("A", "Maryam Hosseini"), headers=("no", "who"))
    list_id = sqlite_desk.officer.open_list()
    answer = sqlite_desk.officer.send(list_id, content, CSV)
    assert answer.status_code == 422
    path = f"/v1/lists/{list_id}/rows?column=record_id:no&column=full_name:who"
    headers = {"Content-Type": CSV}
    taken = done(sqlite_desk.officer.put(path, None, json=None, content=content, headers=headers))
    assert taken["added"] == 1
    assert taken["mapped"]["full_name"] == "who"
    for wrong in ("full_name", "full_name:", "full_name:who&column=full_name:no"):
        path = f"/v1/lists/{list_id}/rows?column={wrong}"
        answer = sqlite_desk.officer.put(path, None, json=None, content=content, headers=headers)
        refused(answer, 422, "column", "must be field:Header, once for a field")


def test_a_list_is_read_with_its_terms(desk: Desk) -> None:
    list_id = desk.officer.open_list(domain="vinojug.example")
    answer = desk.officer.get(f"/v1/lists/{list_id}")
    read = done(answer)
    ListAnswer.model_validate_json(answer.content, strict=False)
    assert read["terms"]["owner"] == make_terms()["owner"]
    assert read["state"] == "open"
    done(desk.officer.send(list_id, *FILES["pfif"]))
    [listed] = done(desk.officer.get("/v1/lists"))["items"]
    assert (listed["id"], listed["state"]) == (list_id, "complete")
    assert "terms" not in listed


def test_a_list_is_taken_back_with_all_it_brought(desk: Desk) -> None:
    list_id, supervisor = desk.officer.open_list(), desk.supervisor()
    done(desk.officer.send(list_id, *FILES["csv"]))
    refused(desk.officer.delete(f"/v1/lists/{list_id}"), 403, None, "does not allow")
    assert done(supervisor.delete(f"/v1/lists/{list_id}")) == {"removed": 2}
    assert done(desk.officer.get("/v1/registrations"))["items"] == []
    answer = desk.officer.send(list_id, *FILES["csv"])
    refused(answer, 409, None, "was taken back")
    corrected = desk.officer.open_list()
    assert done(desk.officer.send(corrected, *FILES["csv"]))["added"] == 2


def test_terms_that_contradict_themselves_are_refused(sqlite_desk: Desk) -> None:
    terms = make_terms(kind="self", reliability="identity_checked")
    answer = sqlite_desk.officer.post("/v1/lists", terms)
    refused(answer, 422, "reliability", "cannot be identity_checked")
    answer = sqlite_desk.officer.post("/v1/lists", make_terms(domain="no domain"))
    refused(answer, 422, "domain", "must be of the form")
