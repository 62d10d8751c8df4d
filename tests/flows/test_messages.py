"""Red Cross Messages: collected, checked, carried, answered; and what the writer hears (P-38)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from rfl.domain.access import Role
from rfl.domain.call import CallWay, FamilyCall
from rfl.domain.ids import new_id
from rfl.domain.message import Message, NotDelivered, Objection, Party
from rfl.domain.person import Name, Place, Relation
from rfl.domain.states import MessageState
from rfl.errors import Conflict, Erased, Forbidden, InvalidInput, NotFound, RflError, StaleVersion
from rfl.flows import carry_message as carry
from rfl.flows.erase import erase_case
from rfl.flows.record_call import calls_of, read_call, record_call
from rfl.flows.register import open_case
from rfl.flows.runtime import Runtime
from rfl.flows.send_message import (
    MessageView,
    Way,
    check_message,
    collect_message,
    hand_over_reply,
    list_messages,
    read_message,
    rewrite_message,
    transmit_message,
)
from rfl.flows.tell_messages import tell_messages
from rfl.flows.tidy import tidy
from rfl.storage.vault import record_keys
from tests.api.support import entries
from tests.casework import DAY
from tests.support import OFFICER, SUPERVISOR, Clock, make_call, make_request

CARRIER = make_call()
LETTER = Message(
    writer=Party((Name("Али Хосеини"), Name("علي حسيني")), (Place(country="MK", text="Скопје"),)),
    addressee=Party((Name("Maryam Hosseini"), Name("مريم حسيني")), (Place(text="كابل"),)),
    relation=Relation.MOTHER,
    news="We are well. The little one walks.",
    language="fa",
)
DAYS = 120


def sent(rt: Runtime, letter: Message = LETTER, case: str | None = None) -> str:
    message = collect_message(rt, OFFICER, letter, case)
    check_message(rt, OFFICER, message, 1, None)
    transmit_message(rt, OFFICER, message, 2)
    return message


def seen(rt: Runtime, message: str) -> MessageView:
    return read_message(rt, OFFICER, message)


def way(rt: Runtime, message: str) -> int:
    return carry.read_delivery(rt, CARRIER, message).delivery.version


def test_a_letter_goes_and_its_reply_comes_back_in_every_alphabet(rt: Runtime) -> None:
    message = sent(rt)
    carry.deliver_message(rt, CARRIER, message, way(rt, message), (DAY, False))
    carry.collect_reply(rt, CARRIER, message, way(rt, message), ("مادر خوب است", None))
    view = seen(rt, message)
    assert (view.message.state, view.message.reply) == (
        MessageState.REPLY_COLLECTED,
        "مادر خوب است",
    )
    assert (view.message.writer, view.message.addressee) == (LETTER.writer, LETTER.addressee)
    hand_over_reply(rt, OFFICER, message, view.row.version)
    assert seen(rt, message).message.state is MessageState.REPLY_DELIVERED
    assert list_messages(rt, OFFICER, (-1, ""), 9) == []


@pytest.mark.parametrize("objection", Objection)
def test_a_letter_that_is_no_family_news_goes_back_with_the_reason(
    sqlite_rt: Runtime, objection: Objection
) -> None:
    message = collect_message(sqlite_rt, OFFICER, LETTER)
    check_message(sqlite_rt, OFFICER, message, 1, objection)
    with pytest.raises(Conflict):
        transmit_message(sqlite_rt, OFFICER, message, 2)
    rewrite_message(sqlite_rt, OFFICER, message, 2, "We are well.")
    check_message(sqlite_rt, OFFICER, message, 3, None)
    view = seen(sqlite_rt, message)
    assert [check.returned for check in view.message.checks] == [objection, None]
    assert view.message.news == "We are well."
    with pytest.raises(Conflict):
        rewrite_message(sqlite_rt, OFFICER, message, 4, "Something else.")


def test_a_letter_to_a_detainee_goes_through_the_icrc_alone(rt: Runtime) -> None:
    message = collect_message(rt, OFFICER, replace(LETTER, detainee=True))
    check_message(rt, OFFICER, message, 1, None)
    with pytest.raises(InvalidInput, match="through_icrc"):
        transmit_message(rt, OFFICER, message, 2)
    assert seen(rt, message).message.state is MessageState.CHECKED
    transmit_message(rt, OFFICER, message, 2, Way(through_icrc=True))
    assert seen(rt, message).message.state is MessageState.TRANSMITTED


def fail(reason: NotDelivered) -> Callable[[Runtime, str], Any]:
    return lambda rt, message: carry.fail_message(rt, CARRIER, message, way(rt, message), reason)


ENDS: dict[str, Callable[[Runtime, str], Any]] = {
    **{reason.value: fail(reason) for reason in NotDelivered},
    "handed over in silence": lambda rt, message: carry.deliver_message(
        rt, CARRIER, message, way(rt, message), (DAY, False)
    ),
    "the reply was returned": lambda rt, message: carry.collect_reply(
        rt, CARRIER, message, way(rt, message), ("The army is here", Objection.MILITARY)
    ),
}


def rows_of(rt: Runtime) -> list[Any]:
    """Every clear column and every size, as a thief of the database sees them."""
    with rt.database.read() as connection:
        found: list[Any] = []
        for table in ("messages", "deliveries"):
            rows = connection.execute(sa.text(f"SELECT * FROM {table}")).mappings()  # noqa: S608
            found += [
                {k: len(v) if isinstance(v, bytes) else v for k, v in row.items()} for row in rows
            ]
        return found


@pytest.mark.parametrize("end", ENDS)
def test_p38_every_way_of_not_answering_leaves_as_one_on_the_day_of_return(
    sqlite_rt: Runtime, clock: Clock, end: str
) -> None:
    message = sent(sqlite_rt)
    before, rows = seen(sqlite_rt, message), rows_of(sqlite_rt)
    ENDS[end](sqlite_rt, message)
    assert rows_of(sqlite_rt) == rows, "no clear column, row or size has changed"
    assert seen(sqlite_rt, message) == before, "nothing leaves before the day of return"
    clock.move(days=DAYS - 1)
    assert tell_messages(sqlite_rt) == 0
    clock.move(days=1)
    assert tell_messages(sqlite_rt) == 1
    twin = replace(before.message, state=MessageState.COULD_NOT_BE_DELIVERED)
    assert seen(sqlite_rt, message).message == twin
    assert seen(sqlite_rt, message).offers_request
    carried = [(one["reason"], one["count"]) for one in entries(sqlite_rt, "message.carry")]
    assert carried == [(None, 1)] * 2
    assert tell_messages(sqlite_rt) == 0


def test_p38_the_writer_hears_of_delivery_at_once_where_the_addressee_agrees(rt: Runtime) -> None:
    message = sent(rt)
    carry.deliver_message(rt, CARRIER, message, way(rt, message), (DAY, True))
    heard = seen(rt, message).message
    assert (heard.state, heard.delivered_on) == (MessageState.TRANSMITTED, DAY)


def test_p38_who_handles_the_writer_does_not_carry_the_letter(rt: Runtime) -> None:
    message = sent(rt)
    with pytest.raises(Forbidden, match="P-38"):
        carry.read_delivery(rt, OFFICER, message)
    for stranger in (make_call(branch="elsewhere"), make_call(Role.INTAKE_VOLUNTEER)):
        with pytest.raises(Forbidden):
            carry.read_delivery(rt, stranger, message)
        with pytest.raises(Forbidden):
            read_message(rt, stranger, message)


def test_a_reply_that_comes_late_is_good_news_and_leaves_at_once(
    sqlite_rt: Runtime, clock: Clock
) -> None:
    message = sent(sqlite_rt)
    clock.move(days=DAYS)
    tell_messages(sqlite_rt)
    carry.collect_reply(sqlite_rt, CARRIER, message, way(sqlite_rt, message), ("Well.", None))
    view = seen(sqlite_rt, message)
    assert (view.message.state, view.row.open) == (MessageState.REPLY_COLLECTED, True)


def test_there_is_no_reply_without_a_letter_that_was_sent(sqlite_rt: Runtime) -> None:
    message = collect_message(sqlite_rt, OFFICER, LETTER)
    for step in (
        lambda: carry.collect_reply(sqlite_rt, CARRIER, message, 1, ("Well.", None)),
        lambda: carry.deliver_message(sqlite_rt, CARRIER, message, 1, (DAY, True)),
        lambda: carry.fail_message(sqlite_rt, CARRIER, message, 1, NotDelivered.REFUSED),
        lambda: hand_over_reply(sqlite_rt, OFFICER, message, 1),
    ):
        with pytest.raises(Conflict):
            step()
    with pytest.raises(InvalidInput):
        carry.deliver_message(sqlite_rt, CARRIER, message, 1, (date(2026, 3, 2), True))
    with pytest.raises(NotFound):
        read_message(sqlite_rt, OFFICER, "msg_" + "0" * 26)


def test_of_two_officers_at_once_the_second_reads_again(rt: Runtime) -> None:
    message = sent(rt)
    with pytest.raises(StaleVersion):
        check_message(rt, OFFICER, message, 1, None)
    version = way(rt, message)
    carry.deliver_message(rt, CARRIER, message, version, (DAY, False))
    with pytest.raises(StaleVersion):
        carry.fail_message(rt, CARRIER, message, version, NotDelivered.REFUSED)


def test_a_letter_that_could_not_be_delivered_offers_a_tracing_request_once(
    rt: Runtime, clock: Clock
) -> None:
    message = sent(rt)
    with pytest.raises(Conflict):
        open_case(rt, OFFICER, make_request(), message)
    clock.move(days=DAYS)
    tell_messages(rt)
    assert seen(rt, message).offers_request
    case = open_case(rt, OFFICER, make_request(), message).id
    view = seen(rt, message)
    assert (view.row.case_id, view.offers_request) == (case, False)
    with pytest.raises(Conflict):
        open_case(rt, OFFICER, make_request(), message)


def keys(rt: Runtime) -> set[str]:
    with rt.database.read() as connection:
        return set(connection.scalars(sa.select(record_keys.c.record_id)))


def test_letters_and_calls_of_a_case_are_erased_with_it(rt: Runtime) -> None:
    alone = sent(rt)
    case = open_case(rt, OFFICER, make_request(), None).id
    message = sent(rt, case=case)
    call = record_call(rt, OFFICER, SPOKEN, case)
    assert {alone, message, call} <= keys(rt)
    erase_case(rt, SUPERVISOR, case, "data_subject_request")
    assert alone in keys(rt)
    assert not {case, message, call} & keys(rt)
    for read in (lambda: read_message(rt, OFFICER, message), lambda: read_call(rt, OFFICER, call)):
        with pytest.raises(NotFound):
            read()
    with pytest.raises(Erased):
        collect_message(rt, OFFICER, LETTER, case)


def test_p24_a_letter_that_ended_is_removed_when_its_time_is_over(
    rt: Runtime, clock: Clock
) -> None:
    ended, waiting = sent(rt), collect_message(rt, OFFICER, LETTER)
    clock.move(days=DAYS)
    tell_messages(rt)
    clock.move(days=730 - DAYS)
    tidy(rt)
    assert ended in keys(rt)
    clock.move(seconds=1)
    tidy(rt)
    assert ended not in keys(rt)
    assert seen(rt, waiting)


SPOKEN = FamilyCall(DAY, CallWay.VIDEO, OFFICER.actor.id, both_agreed=True)


def test_of_a_call_the_fact_alone_is_kept(rt: Runtime) -> None:
    call = record_call(rt, OFFICER, SPOKEN)
    assert read_call(rt, OFFICER, call)[1] == SPOKEN
    with pytest.raises(InvalidInput):
        record_call(rt, OFFICER, replace(SPOKEN, on=date(2026, 3, 2)))


@pytest.mark.parametrize(
    "change", [{"both_agreed": False}, {"detainee": True, "through_icrc": False}]
)
def test_a_call_is_agreed_by_both_and_for_a_detainee_goes_through_the_icrc(
    change: dict[str, bool],
) -> None:
    with pytest.raises(RflError):
        replace(SPOKEN, **change)


def test_the_calls_of_a_case_are_listed_for_those_who_may_open_it(
    rt: Runtime, clock: Clock
) -> None:
    case, other = (open_case(rt, OFFICER, make_request(), None).id for _ in range(2))
    by_phone = replace(SPOKEN, way=CallWay.PHONE)
    kept = [record_call(rt, OFFICER, by_phone, case)]
    clock.move(days=1)
    kept.append(record_call(rt, OFFICER, SPOKEN, case))
    record_call(rt, OFFICER, SPOKEN, other)
    record_call(rt, OFFICER, SPOKEN)
    found = calls_of(rt, OFFICER, case)
    assert [(row.id, spoken) for row, spoken in found] == [
        (kept[0], by_phone),
        (kept[1], SPOKEN),
    ]
    with pytest.raises(Forbidden):
        calls_of(rt, make_call(branch="elsewhere"), case)
    with pytest.raises(NotFound):
        calls_of(rt, OFFICER, new_id("cas"))
