"""Photos and documents of a case by HTTP: sealed, for whom the case is, gone with its keys."""

import os
from typing import Any

import pytest
import sqlalchemy as sa

from rfl.domain.access import Role, Verb
from rfl.errors import SealBroken
from rfl.exchange import attachments
from rfl.flows.runtime import OFFICE_CALL
from rfl.storage import blobs, case_attachments
from rfl.storage.blobs import PART
from tests.api.support import Caller, Desk, done, entries, refused

JPEG = b"\xff\xd8\xff\xe0" + os.urandom(2 * PART)


def sent(content: bytes = JPEG, kind: str = "image/jpeg", **headers: str) -> dict[str, Any]:
    return {"content": content, "headers": {"Content-Type": kind} | headers}


def attach(caller: Caller, case: str, **how: Any) -> str:
    answer = caller.post(f"/v1/cases/{case}/attachments", **(how or sent()))
    return str(done(answer, 201)["id"])


def test_a_photo_is_kept_sealed_and_given_back_byte_for_byte(desk: Desk) -> None:
    case = desk.officer.open_case()
    made = attach(desk.officer, case)
    answer = desk.officer.get(f"/v1/attachments/{made}")
    assert (answer.content, answer.headers["content-type"]) == (JPEG, "image/jpeg")
    assert answer.headers["content-disposition"] == "attachment"
    [listed] = done(desk.officer.get(f"/v1/cases/{case}/attachments"))["items"]
    assert (listed["id"], listed["media_type"], listed["size"]) == (made, "image/jpeg", len(JPEG))
    with desk.rt.database.read() as connection:
        for content in connection.scalars(sa.select(blobs.blob_parts.c.content)):
            assert JPEG[1_000:1_032] not in bytes(content)
    assert entries(desk.rt)[-2]["action"] == "case.file"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n...", "image/jpeg"),
        (b"<svg onload='alert(1)'>", "image/png"),
        (b"", "application/pdf"),
        (b"%PDF-1.7", "image/svg+xml"),
        (b"%PDF-1.7", "application/octet-stream"),
    ],
)
def test_what_is_not_of_a_listed_type_by_its_bytes_is_refused(
    sqlite_desk: Desk, content: bytes, kind: str
) -> None:
    case = sqlite_desk.officer.open_case()
    answer = sqlite_desk.officer.post(f"/v1/cases/{case}/attachments", **sent(content, kind))
    assert answer.status_code == 415
    assert done(sqlite_desk.officer.get(f"/v1/cases/{case}/attachments"))["items"] == []


def test_the_same_call_again_keeps_one(sqlite_desk: Desk) -> None:
    case = sqlite_desk.officer.open_case()
    once = {"Idempotency-Key": "a-photo-of-her"}
    first = attach(sqlite_desk.officer, case, **sent(**once))
    assert attach(sqlite_desk.officer, case, **sent(**once)) == first
    other = sent(JPEG + b"x", **once)
    answer = sqlite_desk.officer.post(f"/v1/cases/{case}/attachments", **other)
    assert answer.json()["code"] == "idempotency-mismatch"


def test_whoever_may_not_read_the_case_sees_nothing(sqlite_desk: Desk) -> None:
    case = sqlite_desk.officer.open_case()
    made = attach(sqlite_desk.officer, case)
    for other in (sqlite_desk.caller(Role.INTAKE_VOLUNTEER, "tracing"), sqlite_desk.auditor()):
        assert other.get(f"/v1/attachments/{made}").status_code == 403
        assert other.get(f"/v1/cases/{case}/attachments").status_code == 403
        assert other.post(f"/v1/cases/{case}/attachments", **sent()).status_code == 403
        assert other.delete(f"/v1/attachments/{made}").status_code == 403
    refused(sqlite_desk.officer.get("/v1/attachments/att_x"), 422, "id", "")


def counted(desk: Desk) -> dict[str, int]:
    tables = (blobs.blobs, blobs.blob_parts, blobs.blob_holds, case_attachments.attachments)
    with desk.rt.database.read() as connection:
        return {
            str(table.name): connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in tables
        }


def test_one_that_is_removed_leaves_nothing(desk: Desk) -> None:
    made = attach(desk.officer, desk.officer.open_case())
    assert set(counted(desk).values()) == {1, 3}
    assert desk.officer.delete(f"/v1/attachments/{made}").status_code == 204
    assert set(counted(desk).values()) == {0}
    assert desk.officer.get(f"/v1/attachments/{made}").status_code == 404


def test_an_erased_case_takes_its_pictures_along_and_a_copy_of_them_is_dead(desk: Desk) -> None:
    case = desk.officer.open_case()
    made = attach(desk.officer, case)
    with desk.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        row = work.connection.execute(sa.select(case_attachments.attachments)).one()
        (blob_id,) = work.connection.scalars(sa.select(blobs.blobs.c.id))
        blob = blobs.load(work, blob_id)
        assert blob is not None
        with pytest.raises(Exception, match="bad-envelope"):
            b"".join(attachments.opened_blob(work, blob, os.urandom(32)))
    body = {"reason": "data_subject_request"}
    assert desk.supervisor().post(f"/v1/cases/{case}/erasure", body).status_code == 204
    assert set(counted(desk).values()) == {0}
    assert desk.officer.get(f"/v1/attachments/{made}").status_code == 404
    with desk.rt.database.write() as connection:
        connection.execute(sa.insert(case_attachments.attachments), dict(row._mapping))
    assert desk.officer.get(f"/v1/attachments/{made}").status_code in (404, 410)


def test_bytes_that_were_changed_on_disk_are_not_shown(sqlite_desk: Desk) -> None:
    made = attach(sqlite_desk.officer, sqlite_desk.officer.open_case())
    with sqlite_desk.rt.database.write() as connection:
        parts = blobs.blob_parts
        connection.execute(sa.update(parts).where(parts.c.number == 2).values(content=b"x"))
    answer = sqlite_desk.officer.get(f"/v1/attachments/{made}")
    assert answer.json()["code"] == SealBroken.code


def test_a_picture_above_the_limit_is_refused(sqlite_desk: Desk) -> None:
    case = sqlite_desk.officer.open_case()
    large = sent(b"\xff\xd8\xff" + bytes(21 * 1024 * 1024))
    answer = sqlite_desk.officer.post(f"/v1/cases/{case}/attachments", **large)
    assert answer.status_code == 413
