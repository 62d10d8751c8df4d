"""A child on a list without its parents: who registers it, with what, who opens it (P-19, P-20)."""

from dataclasses import replace

import pytest

from rfl.domain.registration import ChildCare, Registration, Status, Wish
from rfl.errors import Forbidden, InvalidInput
from rfl.flows import enrol
from rfl.flows.runtime import Runtime
from tests.office import make_account
from tests.support import DPO, make_person, make_registration

CARE = ChildCare(
    arrangement="With a family of the camp",
    best_interest="Nobody of her own is with her.",
    contact=Wish.SOON,
    reunification=Wish.LATER,
    guardian="Halima Noor",
)


def make_child(**changes: object) -> Registration:
    """A girl of nine who crossed the border alone."""
    girl = make_person("Amina Noor", birth="2017")
    made = make_registration(girl, status=Status.UNACCOMPANIED_CHILD, care=CARE)
    return replace(made, **changes)  # type: ignore[arg-type]


def test_p19_a_child_is_registered_by_vetted_staff_with_its_care_and_its_wishes(
    sqlite_rt: Runtime,
) -> None:
    rt, vetted, other = sqlite_rt, make_account(sqlite_rt, vetted=True), make_account(sqlite_rt)
    with pytest.raises(Forbidden):
        enrol.add_registration(rt, other, make_child())
    with pytest.raises(InvalidInput, match="care"):
        enrol.add_registration(rt, vetted, make_child(care=None))
    with pytest.raises(InvalidInput, match="care"):
        make_child(status=Status.REGISTERED)
    made = enrol.add_registration(rt, vetted, make_child())
    assert enrol.read_registration(rt, vetted, made).registration.care == CARE
    with pytest.raises(InvalidInput, match="care"):
        enrol.change_registration(rt, vetted, made, 1, make_child(care=None))


def test_p20_a_registered_child_closes_to_who_is_not_vetted(sqlite_rt: Runtime) -> None:
    rt, vetted, other = sqlite_rt, make_account(sqlite_rt, vetted=True), make_account(sqlite_rt)
    made = enrol.add_registration(rt, vetted, make_child())
    kept = enrol.read_registration(rt, DPO, made).registration
    for refused in (
        lambda: enrol.read_registration(rt, other, made),
        lambda: enrol.change_registration(rt, other, made, 1, kept),
    ):
        with pytest.raises(Forbidden):
            refused()
    changed = replace(kept, status=Status.REGISTERED, care=None)
    assert enrol.change_registration(rt, vetted, made, 1, changed) == 2
    assert enrol.read_registration(rt, other, made).registration.status is Status.REGISTERED
