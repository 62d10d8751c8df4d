"""Societies without a node: a case goes as a sealed dossier, is answered by hand, is asked back."""

import json
import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from rfl.domain.access import Role, Verb
from rfl.domain.answer import Item
from rfl.domain.budget import parse_limits
from rfl.domain.casefile import Ending
from rfl.domain.consent import USUAL, Use
from rfl.domain.dossier import Reach
from rfl.domain.request import Level
from rfl.domain.states import Inside, Outside, TransmissionState
from rfl.domain.transmission import WhyReturned
from rfl.errors import BudgetSpent, Conflict, InvalidInput
from rfl.exchange.bodies import CaseRequest
from rfl.exchange.bodies import read as read_body
from rfl.exchange.descriptor import parse_descriptor
from rfl.exchange.dossier_page import Page
from rfl.exchange.labels import LANGUAGES, labels
from rfl.flows import close, erase, recall, send_dossier, transmit, withdraw
from rfl.flows.know_peers import own_descriptor
from rfl.flows.runtime import OFFICE_CALL
from rfl.flows.send_dossier import SealedDossier
from rfl.flows.transmit import Move, PersonResult, Waits
from rfl.storage import honey, ledger
from tests.api.support import entries
from tests.domain.test_dossier import leaves
from tests.exchange.across import VISITS, Asking, recalls_of
from tests.exchange.by_hand import ARABIC, ask_by_hand, know, opened, raw, sealed_part
from tests.exchange.network import Society, make_society
from tests.support import SUPERVISOR, Clock

NONE = Outside.ENDED_WITHOUT_INFORMATION
STATE = TransmissionState


@pytest.fixture
def skopje(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Society]:
    """A society with a node, which knows two without."""
    shutil.copy(sqlite_template, tmp_path / "skopje.db")
    made = make_society(f"sqlite:///{tmp_path / 'skopje.db'}", tmp_path / "n", clock, "skopje")
    know(made.rt)
    yield made
    made.rt.database.dispose()


def version(asking: Asking) -> int:
    view = transmit.read_transmission(asking.here.rt, asking.desk.officer, asking.ref)
    return view.row.version


def made(asking: Asking, language: str | None = None) -> SealedDossier:
    rt, desk = asking.here.rt, asking.desk
    return send_dossier.make_dossier(rt, desk.officer, asking.ref, version(asking), language)


def enter(asking: Asking, state: STATE, **said: object) -> None:
    """Enter by hand what the other society did."""
    rt, desk, move = asking.here.rt, asking.desk, Move(state, **said)  # type: ignore[arg-type]
    transmit.move_transmission(rt, desk.officer, asking.ref, version(asking), move)


def result(asking: Asking, outcome: Outside, *items: Item, **said: str) -> tuple[PersonResult]:
    person = asking.desk.file.outcomes[0].person
    return (PersonResult(person, outcome, items, **said),)


def handed(asking: Asking, answer_on: date) -> None:
    """Make the dossier, hand it over, and enter that it was accepted."""
    made(asking)
    enter(asking, STATE.DELIVERED)
    enter(asking, STATE.ACCEPTED, answer_on=answer_on)


def test_the_file_opens_with_the_passphrase_and_says_what_a_letter_would(skopje: Society) -> None:
    asking = ask_by_hand(skopje)
    file = made(asking)
    content = opened(file.file, file.passphrase)
    signed = content["signed"]
    document = json.loads(raw(signed["p"]))
    dossier = read_body(document["data"], CaseRequest).dossier
    assert dossier.sought[0].person.names[0].text == ARABIC
    assert dossier.enquirer is not None
    assert dossier.methods == VISITS
    assert document["consent"]["scope"] == Use.SHARE
    assert (document["to"], document["case_ref"]) == ("south", asking.ref)
    descriptor = parse_descriptor(own_descriptor(skopje.rt, OFFICE_CALL))
    [line], [key] = signed["s"], descriptor.signing_keys
    covered = b"rfl-dossier-v1\0" + signed["p"].encode()
    Ed25519PublicKey.from_public_bytes(key.public).verify(raw(line["sig"]), covered)
    assert line["kid"] == key.kid
    page = content["page"]
    assert 'lang="ar" dir="rtl"' in page
    assert f"<bdi>{ARABIC}</bdi>" in page
    assert labels()["by_machine"]["ar"] in page
    assert "<b>Hosseini" not in page
    assert file.until == date(2026, 8, 28)
    [entry] = [one for one in entries(skopje.rt, "transmit") if "dossier" in (one["reason"] or "")]
    assert (entry["peer"], entry["reason"]) == ("south", "dossier-until-2026-08-28")
    assert (entry["actor"], entry["count"]) == (asking.desk.officer.actor.id, 1)


def test_nothing_of_a_person_stands_in_the_file_and_its_length_tells_nothing(
    skopje: Society,
) -> None:
    asking = ask_by_hand(skopje)
    first, again = made(asking), made(asking, "fr")
    for file in (first, again):
        assert not re.search("osseini|hossein|skopje|south", file.file.decode())
        assert all(word not in file.file.decode() for word in (ARABIC, file.passphrase))
        assert re.fullmatch(r"\d{4}( \d{4}){5}", file.passphrase)
    assert len(first.file) == len(again.file)
    assert sealed_part(first.file)["salt"] != sealed_part(again.file)["salt"]
    assert 'lang="fr" dir="ltr"' in opened(again.file, again.passphrase)["page"]
    with pytest.raises(InvalidTag):
        opened(again.file, first.passphrase)
    with pytest.raises(InvalidInput, match="language"):
        made(asking, "tr")


def test_a_wrong_passphrase_and_a_changed_byte_do_not_open(skopje: Society) -> None:
    file = made(ask_by_hand(skopje))
    wrong = file.passphrase[:-1] + str((int(file.passphrase[-1]) + 1) % 10)
    with pytest.raises(InvalidTag):
        opened(file.file, wrong)
    text = file.file.decode()
    said = sealed_part(file.file)
    for member in ("reference", "salt", "nonce", "ciphertext"):
        value = said[member]
        other = value[:9] + ("A" if value[9] != "A" else "B") + value[10:]
        changed = text.replace(f'"{member}":"{value}"', f'"{member}":"{other}"')
        assert changed != text
        with pytest.raises(InvalidTag):
            opened(changed.encode(), file.passphrase)
    script = re.findall("<script>(.*?)</script>", text, re.DOTALL)[0]
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in text, "a changed reader is not run"


@pytest.mark.skipif(shutil.which("node") is None, reason="needs a JavaScript engine")
def test_the_page_s_own_reader_opens_it_with_digits_of_any_script(skopje: Society) -> None:
    file = made(ask_by_hand(skopje))
    script = re.findall("<script>(.*?)</script>", file.file.decode(), re.DOTALL)[0]
    typed = file.passphrase.translate({48 + one: 0x660 + one for one in range(10)})
    asked = f"opened({json.dumps(sealed_part(file.file))}, {json.dumps(typed)})"
    run = f"{script}\n{asked}.then((found) => console.log(JSON.stringify(found)));"
    said = subprocess.run(["node", "-e", run], capture_output=True, check=True, timeout=60)
    assert json.loads(said.stdout) == opened(file.file, file.passphrase)


def test_p16_only_to_a_society_that_is_assessed_and_without_the_enquirer_where_at_risk(
    skopje: Society, clock: Clock
) -> None:
    with pytest.raises(Conflict, match="P-16"):
        ask_by_hand(skopje, "west")
    know(skopje.rt, "west", at_risk=True)
    asking = ask_by_hand(skopje, "west")
    file = made(asking)
    content = opened(file.file, file.passphrase)
    told = read_body(json.loads(raw(content["signed"]["p"]))["data"], CaseRequest).dossier
    assert (told.enquirer, told.sought[0].person.kin) == (None, ())
    assert labels()["enquirer_withheld"]["ar"] in content["page"]
    clock.move(days=3_660)
    with pytest.raises(Conflict):
        made(asking)


def test_nothing_is_handed_over_that_a_letter_could_not_carry(skopje: Society) -> None:
    asking = ask_by_hand(skopje)
    desk, share = asking.desk, frozenset({Use.SHARE})
    withdraw.withdraw_consent(skopje.rt, desk.officer, desk.case, desk.version, share)
    with pytest.raises(Conflict):
        made(asking)
    assert recalls_of(skopje) == [], "what nobody has is not asked back"
    assert "dossier" not in str([one["reason"] for one in entries(skopje.rt, "transmit")])


def test_a_case_lives_by_dossier_from_the_request_to_the_good_news_and_the_end(
    skopje: Society, clock: Clock
) -> None:
    asking = ask_by_hand(skopje)
    rt, desk = skopje.rt, asking.desk
    made(asking)
    reminder = send_dossier.remind_by_hand(rt, desk.officer, asking.ref, version(asking))
    assert asking.ref in reminder.text
    assert labels()["notice.reminder.decision_due"]["ar"] in reminder.text
    enter(asking, STATE.DELIVERED)
    enter(asking, STATE.RETURNED_FOR_INFORMATION, reason=WhyReturned.MORE_ON_PLACE)
    enter(asking, STATE.QUEUED)
    handed(asking, answer_on := rt.today() + timedelta(days=60))
    clock.move(days=70)
    late = Waits(overdue=True)
    [waits] = transmit.waiting_transmissions(rt, desk.supervisor, late, ((-1, ""), 9))
    assert (waits.id, waits.peer) == (asking.ref, "south")
    reminder = send_dossier.remind_by_hand(rt, desk.officer, asking.ref, version(asking), "fr")
    assert labels()["notice.reminder.answer_due"]["fr"] in reminder.text
    assert asking.sent.answer_on == answer_on
    for wrong in ((), result(asking, NONE) * 2, (PersonResult("per_x", NONE),)):
        with pytest.raises(InvalidInput):
            enter(asking, STATE.ENDED, results=wrong)
    good = result(asking, Outside.INFORMATION_GIVEN, Item.ALIVE_AND_WELL, Item.MESSAGE)
    enter(asking, STATE.ENDED, results=good)
    assert asking.sent.state is STATE.ENDED
    assert desk.outcome.told.items == {Item.ALIVE_AND_WELL, Item.MESSAGE}
    transmit.take_back_by_hand(
        rt, desk.officer, asking.ref, version(asking), desk.outcome.person, rt.today()
    )
    assert (desk.outcome.told.items, desk.outcome.withdrawn_on) == (frozenset(), rt.today())
    assert desk.outcome.told.outcome is Outside.INFORMATION_GIVEN
    close.close_case(rt, desk.officer, desk.case, desk.version, Ending.ANSWERED)
    assert recalls_of(skopje) == [("south", False)]


def test_p05_a_death_entered_by_hand_is_reported_unconfirmed(skopje: Society) -> None:
    asking = ask_by_hand(skopje)
    handed(asking, asking.here.rt.today() + timedelta(days=60))
    enter(asking, STATE.ENDED, results=result(asking, Outside.DECEASED_CONFIRMED))
    desk = asking.desk
    assert desk.search.state is Inside.DECEASED_REPORTED
    assert desk.outcome.told.outcome is Outside.SEARCHING
    assert dict(asking.sent.results) == {desk.person: NONE}


def test_p03_by_hand_no_end_without_information_counts_before_the_day_of_the_answer(
    skopje: Society, clock: Clock
) -> None:
    asking = ask_by_hand(skopje)
    handed(asking, skopje.rt.today() + timedelta(days=60))
    before = asking.sent
    with pytest.raises(Conflict, match="P-03"):
        enter(asking, STATE.ENDED, results=result(asking, NONE))
    assert asking.sent == before
    clock.move(days=60)
    enter(asking, STATE.ENDED, results=result(asking, NONE))
    assert dict(asking.sent.results) == {asking.desk.person: NONE}
    assert asking.desk.outcome.told.outcome is Outside.SEARCHING, "one society's end ends nothing"


def test_p03_the_form_of_the_answer_has_one_box_for_every_end_without_information(
    skopje: Society,
) -> None:
    file = made(ask_by_hand(skopje), "en")
    form = opened(file.file, file.passphrase)["page"].partition('class="form"')[2]
    _head, person = form.split("<h3>")
    boxes = re.findall("\N{BALLOT BOX} ([^<_]+)", person)
    codes = ["information_given", *(f"item.{one}" for one in Item)]
    codes += ["deceased_confirmed", "ended_without_information"]
    assert [one.strip() for one in boxes] == [labels()[code]["en"] for code in codes]


def test_what_was_handed_over_is_asked_back_and_attested_by_people(
    skopje: Society, clock: Clock
) -> None:
    rt, share = skopje.rt, frozenset({Use.SHARE})
    asked = [ask_by_hand(skopje) for _ in range(4)]
    for one in asked:
        made(one)
        enter(one, STATE.DELIVERED)
    withdrawn, erased, declined, kept = asked
    desk = withdrawn.desk
    withdraw.withdraw_consent(rt, desk.officer, desk.case, desk.version, share)
    erase.erase_case(rt, SUPERVISOR, erased.desk.case, "data_subject_request")
    enter(declined, STATE.DECLINED, reason=WhyReturned.RULES)
    assert recalls_of(skopje) == [("south", False)] * 3
    assert recall.send_recalls(rt) == 0, "no letter is tried"
    clock.move(days=8)
    recall.watch_recalls(rt)
    [alarm] = entries(rt, "alarm.raise")
    assert alarm["reason"] == recall.UNATTESTED
    due = recall.list_recalls(rt, OFFICE_CALL)
    for one in due:
        with pytest.raises(Conflict):
            send_dossier.enter_attestation(rt, desk.officer, one.id)
        notice = send_dossier.ask_back(rt, desk.officer, one.id)
        assert one.ref in notice.text
        assert labels()["notice.recall"]["ar"] in notice.text
        send_dossier.enter_attestation(rt, desk.officer, one.id)
    assert {one.ref for one in due} == {withdrawn.ref, erased.ref, declined.ref}
    assert recalls_of(skopje) == [("south", True)] * 3
    clock.move(days=180)
    assert recall.end_copies(rt) == 1
    assert recalls_of(skopje).count(("south", False)) == 1
    with pytest.raises(Conflict):
        send_dossier.enter_attestation(rt, desk.officer, due[0].id)
    assert transmit.read_transmission(rt, kept.desk.officer, kept.ref).copy_until is None


def test_what_was_returned_and_not_handed_over_again_is_asked_back_after_thirty_days(
    skopje: Society, clock: Clock
) -> None:
    asking = ask_by_hand(skopje)
    made(asking)
    enter(asking, STATE.DELIVERED)
    enter(asking, STATE.RETURNED_FOR_INFORMATION, reason=WhyReturned.MORE_ON_PERSON)
    clock.move(days=29)
    assert recall.end_copies(skopje.rt) == 0
    clock.move(days=2)
    assert recall.end_copies(skopje.rt) == 1
    assert asking.sent.state is STATE.RECALLED
    assert recalls_of(skopje) == [("south", False)]


def test_nothing_of_a_honey_case_can_be_opened_and_each_dossier_is_an_export(
    skopje: Society,
) -> None:
    rt, asking = skopje.rt, ask_by_hand(skopje)
    with rt.begin(OFFICE_CALL, Verb.HONEY_CHANGE) as work:
        honey.keep(work, {asking.desk.case})
        ledger.append(work)
    file = made(asking)
    with pytest.raises(InvalidTag):
        opened(file.file, file.passphrase)
    one_more = parse_limits("exports_hour=1/3", rt.rules.budgets[Role.TRACING_OFFICER])
    budgets = {**rt.rules.budgets, Role.TRACING_OFFICER: one_more}
    rt.rules = replace(rt.rules, budgets=budgets)
    made(asking)
    with pytest.raises(BudgetSpent):
        made(asking)


def test_a_page_shows_how_the_enquirer_is_reached_where_the_dossier_says_it() -> None:
    reach = Reach(phones=("+389 70 1",), story="At night <i>\nby boat")
    told = replace(leaves(USUAL), reach=reach, level=Level.RESTRICTED)
    page = Page(told, (), onward=False, withhold_origin=True, language="fr", latin=str.lower)
    html = page.to_html()
    assert labels()["reach"]["fr"] in html
    assert "<bdi>+389 70 1</bdi>" in html
    assert "<bdi>At night &lt;i&gt;</bdi><br><bdi>by boat</bdi>" in html
    assert labels()["rule_no_origin"]["fr"] in html
    assert labels()["rule_restricted"]["fr"] in html


def test_every_label_is_there_in_every_language_and_every_code_has_one() -> None:
    assert all(set(one) == set(LANGUAGES) and all(one.values()) for one in labels().values())
    codes = {f"item.{one}" for one in Item} | {f"why.{one}" for one in WhyReturned}
    codes |= {f"rule_{one}" for one in Level if one is not Level.NORMAL}
    assert codes <= labels().keys()
