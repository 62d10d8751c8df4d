"""Four eyes: every item of the list is refused to one person alone, whatever their role."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from rfl.background import settle
from rfl.domain.access import Role
from rfl.domain.answer import Item
from rfl.domain.approval import Approves, Exact
from rfl.domain.consent import NEEDED_TO_HAND_OVER, Consent, ConsentForm
from rfl.domain.journal import Lead
from rfl.domain.match import MatchState
from rfl.domain.purpose import Purpose
from rfl.domain.states import Inside
from rfl.errors import Conflict, Forbidden
from rfl.exchange.introduction import Introduces
from rfl.flows import admit, consult, erase, grant, hand_over, introduce, invite, know_peers, seek
from rfl.flows import report_death as death
from rfl.flows import rotate_keys as keys
from rfl.flows.approve import ask_approval, give_approval
from rfl.flows.decide import decide_match, list_matches
from rfl.flows.enrol import add_registration
from rfl.flows.offer_list import open_list
from rfl.flows.register import open_case
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.flows.send_log import Form, Wish, send_log
from tests.casework import DAY, make_representative
from tests.flows.test_lists import TERMS
from tests.office import make_account, open_desk
from tests.signin.provider import make_issuer
from tests.support import OFFICER, make_call, make_registration, make_request

WHY = "data_subject_request"
RIGHTS = make_call(Role.SUPERVISOR, Purpose.DATA_SUBJECT_REQUEST)
AUDITOR = make_call(Role.AUDITOR, Purpose.AUDIT)


def _administrators(rt: Runtime) -> None:
    for _number in range(2):
        make_account(rt, Role.ADMINISTRATOR)


def _office(rt: Runtime) -> tuple[Call, str]:
    """An administrator, and an account to do something about."""
    account = admit.add_account(rt, OFFICE_CALL, Role.TRACING_OFFICER, "north", "Ana").account
    return make_call(Role.ADMINISTRATOR, Purpose.ADMINISTRATION), account


def _confirm_match(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted()
    add_registration(rt, OFFICER, make_registration())
    settle(rt)
    found = list_matches(rt, desk.searcher, desk.case)[0].row
    decide_match(rt, desk.searcher, found.id, found.version, MatchState.CONFIRMED, "The scar.")
    lead = Lead(rt.clock(), desk.searcher.actor.id, found.id, "A proposal of the matcher")
    seek.open_lead(rt, desk.searcher, desk.case, desk.journal.version, (desk.person, lead))
    seek.verify_lead(rt, desk.searcher, desk.case, desk.journal.version, desk.person)


def _confirm_death(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted().located().reported_dead()
    death.confirm_death(rt, desk.searcher, desk.case, desk.journal.version, desk.person)


def _decide_for_another(rt: Runtime) -> None:
    """The one place where somebody else's word stands for a person's (P-04b)."""
    desk = open_desk(rt).judged().accepted().located().moved(Inside.CANNOT_BE_ASKED)
    desk.answered(Item.ALIVE_AND_WELL, representative=make_representative())
    version = desk.journal.version
    consult.agree_with_representative(rt, desk.searcher, desk.case, version, desk.person)


def _hand_over(rt: Runtime) -> None:
    request = make_request()
    agreed = Consent(
        request.enquirer.id, NEEDED_TO_HAND_OVER, ConsentForm.SIGNED, DAY, recipients=("south",)
    )
    desk = open_desk(rt, replace(request, consents=(agreed,))).judged().accepted()
    hand_over.offer_case(rt, desk.supervisor, desk.case, desk.version, "south")


def _send_log(rt: Runtime) -> None:
    send_log(rt, AUDITOR, Wish(Form.CSV, "auditor-1", date(2027, 1, 1)))


def _erase_case(rt: Runtime) -> None:
    erase.erase_case(rt, RIGHTS, open_case(rt, OFFICER, make_request(), None).id, WHY)


def _erase_registration(rt: Runtime) -> None:
    made = add_registration(rt, OFFICER, make_registration())
    erase.erase_registration(rt, RIGHTS, made, WHY)


def _take_list_back(rt: Runtime) -> None:
    erase.take_back_list(rt, RIGHTS, open_list(rt, OFFICER, TERMS))


def _make_account(rt: Runtime) -> None:
    call, _account = _office(rt)
    admit.add_account(rt, call, Role.TRACING_OFFICER, "north", "Elena")


def _vet(rt: Runtime) -> None:
    admit.vet_account(rt, *_office(rt), date(2027, 1, 1))


def _invite(rt: Runtime) -> None:
    invite.invite(rt, *_office(rt))


def _link(rt: Runtime) -> None:
    rt.issuer = make_issuer()
    grant.link_account(rt, *_office(rt), "ana")


def _destroy_keys(rt: Runtime) -> None:
    _administrators(rt)
    keys.rotate_keys(rt, OFFICE_CALL)
    keys.destroy_old_keys(rt, OFFICE_CALL)


def _trust(rt: Runtime) -> None:
    _administrators(rt)
    know_peers.trust_peer(rt, OFFICE_CALL, "south", "12345 " * 12)


def _let_introduce(rt: Runtime) -> None:
    _administrators(rt)
    introduce.let_introduce(rt, OFFICE_CALL, "south", Introduces.TRUSTED)


ALONE: dict[str, tuple[Callable[[Runtime], None], ...]] = {
    "confirming a match that leads to disclosure": (_confirm_match,),
    "a death": (_confirm_death,),
    "bulk export": (_send_log,),
    "erasure": (_erase_case, _erase_registration, _take_list_back),
    "handover": (_hand_over,),
    "consent override": (_decide_for_another,),
    "role grants": (_make_account, _vet, _invite, _link),
    "destruction of keys": (_destroy_keys,),
    "trusting a peer": (_trust, _let_introduce),
}


@pytest.mark.parametrize(
    ("item", "alone"), [(item, one) for item, each in ALONE.items() for one in each]
)
def test_nobody_does_alone_what_four_eyes_are_for(
    sqlite_rt: Runtime, item: str, alone: Callable[[Runtime], None]
) -> None:
    assert item in ALONE
    sqlite_rt.rules = replace(sqlite_rt.rules, four_eyes=frozenset(Approves))
    with pytest.raises((Forbidden, Conflict), match="second officer"):
        alone(sqlite_rt)


def test_a_list_is_taken_back_with_a_second_officer(sqlite_rt: Runtime) -> None:
    rt, made = sqlite_rt, open_list(sqlite_rt, OFFICER, TERMS)
    rt.rules = replace(rt.rules, four_eyes=frozenset(Approves))
    second = make_call(Role.SUPERVISOR, Purpose.DATA_SUBJECT_REQUEST)
    asked = ask_approval(rt, RIGHTS, Exact(Approves.ERASURE, made), "It was the wrong file.")
    give_approval(rt, second, asked, 1)
    call = replace(RIGHTS, approval=asked)
    other = open_list(rt, OFFICER, replace(TERMS, owner="Another camp"))
    with pytest.raises(Forbidden):  # an approval is good for its own request alone
        erase.take_back_list(rt, call, other)
    assert erase.take_back_list(rt, call, made) == 0
    with pytest.raises(Forbidden):
        erase.take_back_list(rt, call, made)
