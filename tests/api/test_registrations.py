"""Registrations by HTTP."""

from rfl.api.schemas.records import RegistrationAnswer
from rfl.domain.access import Role
from tests.api.support import RIGHTS, Desk, done, make_registration, refused


def test_a_registration_is_kept_read_changed_and_erased(desk: Desk) -> None:
    registration = desk.officer.add_registration()
    path = f"/v1/registrations/{registration}"
    answer = desk.officer.get(path)
    read = done(answer)
    RegistrationAnswer.model_validate_json(answer.content, strict=False)
    assert read["registration"]["person"]["names"][0]["text"] == "مريم حسيني"
    changed = read["registration"] | {"status": "reported_alive"}
    after = desk.officer.put(path, changed, headers={"If-Match": answer.headers["etag"]})
    assert done(after) == {"id": registration, "version": 2}
    assert done(desk.officer.get(path))["registration"]["status"] == "reported_alive"
    erased = desk.supervisor().post(f"{path}/erasure", {"reason": "entered_in_error"})
    assert erased.status_code == 204
    refused(desk.officer.get(path), 404, None, "no such record")


def test_the_same_record_of_a_source_is_kept_once_and_never_after_erasure(desk: Desk) -> None:
    registration = desk.officer.add_registration()
    again = desk.officer.post("/v1/registrations", make_registration())
    refused(again, 409, None, "known already, or was erased")
    path = f"/v1/registrations/{registration}/erasure"
    desk.supervisor().post(path, {"reason": "data_subject_request"})
    again = desk.officer.post("/v1/registrations", make_registration())
    refused(again, 409, None, "known already, or was erased")


def test_registrations_are_listed_in_pages_without_names(sqlite_desk: Desk) -> None:
    for number in range(3):
        source = {"kind": "camp", "owner": "Vinojug", "record_id": f"V-{number}"}
        sqlite_desk.officer.add_registration(source=source)
    page = done(sqlite_desk.officer.get("/v1/registrations?limit=2"))
    rest = done(sqlite_desk.officer.get(f"/v1/registrations?limit=2&cursor={page['next']}"))
    assert len({one["id"] for one in page["items"] + rest["items"]}) == 3
    assert "names" not in str(page)


def test_a_person_may_not_be_exchanged_for_another(sqlite_desk: Desk) -> None:
    officer = sqlite_desk.officer
    first, source = officer.add_registration(), {"kind": "officer", "owner": "Red Cross"}
    other = done(officer.get(f"/v1/registrations/{officer.add_registration(source=source)}"))
    answer = officer.put(
        f"/v1/registrations/{first}", other["registration"], headers={"If-Match": '"1"'}
    )
    refused(answer, 422, "person.id", "must be the id of the person registered")


def test_a_registration_that_contradicts_itself_is_refused(sqlite_desk: Desk) -> None:
    child = make_registration(
        status="unaccompanied_child",
        source={"kind": "camp", "owner": "Vinojug", "stated_on": "2026-02-01"},
    )
    answer = sqlite_desk.officer.post("/v1/registrations", child)
    refused(answer, 422, "status", "the date of birth is an adult's")
    late = make_registration(
        source={"kind": "camp", "owner": "V", "stated_on": "2026-02-02", "expires_on": "2026-02-01"}
    )
    answer = sqlite_desk.officer.post("/v1/registrations", late)
    refused(answer, 422, "source.expires_on", "must not lie before stated_on")


def test_the_log_of_a_registration_outlives_it(sqlite_desk: Desk) -> None:
    registration = sqlite_desk.officer.add_registration()
    keeper = sqlite_desk.caller(Role.DATA_PROTECTION_OFFICER, RIGHTS)
    items = done(keeper.get(f"/v1/registrations/{registration}/log"))["items"]
    assert [one["action"] for one in items] == ["registration.add", "log.read"]
    keeper.post(f"/v1/registrations/{registration}/erasure", {"reason": "retention_ended"})
    after = done(keeper.get(f"/v1/log/{items[0]['objects'][0]}"))["items"]
    assert "registration.erase" in [one["action"] for one in after]
