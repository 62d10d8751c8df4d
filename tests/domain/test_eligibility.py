"""Which tracing requests a policy lets be accepted (P-07, P-13, P-17)."""

from dataclasses import replace
from datetime import date

import pytest

from rfl.domain.dates import parse_date
from rfl.domain.eligibility import present, require_eligible
from rfl.domain.person import Relation, Sex
from rfl.domain.policy import Asking, Field, ForbiddenSearch, Rules
from rfl.domain.request import Method, TracingRequest
from rfl.errors import InvalidInput
from tests.casework import DAY
from tests.office import make_complete
from tests.support import make_person, make_request

ANY = Rules()
WHOLE = make_complete(make_request(methods=frozenset({Method.VISIT})))
ENQUIRER = WHOLE.enquirer
FORBIDDEN = Rules(forbidden=(ForbiddenSearch(Sex.FEMALE, Sex.MALE),))
SISTER = make_person("Zahra Noor", sex=Sex.FEMALE)
BROTHER = make_person("Karim Noor", sex=Sex.MALE)


def asking(**rules: object) -> Rules:
    return Rules(asking=Asking(**rules))  # type: ignore[arg-type]


def born(text: str, *, child: bool) -> TracingRequest:
    enquirer = replace(ENQUIRER, birth=parse_date(text))
    return replace(WHOLE, enquirer=enquirer, child_enquirer=child)


REFUSED: list[tuple[TracingRequest, Rules, str]] = [
    (make_request(), asking(required=frozenset({Field.SEPARATION_CAUSE})), "separation.cause"),
    (make_request(), asking(required=frozenset({Field.NOTICE})), "notice"),
    (make_request(), asking(required=frozenset({Field.SOUGHT_FATHER})), "sought.kin.father"),
    (
        replace(WHOLE, methods=frozenset({Method.POSTER})),
        Rules(
            asking=Asking(required=frozenset({Field.METHODS})),
            methods=frozenset({Method.VISIT}),
        ),
        "methods",
    ),
    (WHOLE, asking(relations=frozenset({Relation.SON})), "sought[0].relation"),
    (born("2020", child=True), asking(least_age=12), "enquirer.birth"),
    (born("2012-05-01", child=False), ANY, "child_enquirer"),
    (born("1970", child=True), ANY, "child_enquirer"),
    (make_request(None, SISTER), FORBIDDEN, "sought[0].lead"),
]


@pytest.mark.parametrize(("request_", "rules", "field"), REFUSED)
def test_a_request_that_the_policy_does_not_take_is_refused_by_its_field(
    request_: TracingRequest, rules: Rules, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        require_eligible(request_, rules, {}, DAY)
    assert refused.value.field == field


def test_p13_the_notice_is_asked_for_and_kept_with_version_language_and_date() -> None:
    required = asking(required=frozenset({Field.NOTICE}))
    require_eligible(WHOLE, required, {}, DAY)
    assert WHOLE.notice is not None
    assert (WHOLE.notice.version, WHOLE.notice.language) == ("2026-1", "fa")
    assert WHOLE.notice.given_on == DAY


def test_a_field_counts_as_present_only_if_every_sought_person_has_it() -> None:
    both = make_request(None, make_person("A", birth="1990"), make_person("B"))
    assert Field.SOUGHT_BIRTH not in present(both)
    assert Field.SOUGHT_BIRTH in present(make_request())


def test_a_forbidden_search_is_led_by_the_sex_that_the_policy_names() -> None:
    request = make_request(None, SISTER, BROTHER)
    require_eligible(request, FORBIDDEN, {SISTER.id: BROTHER.id}, DAY)
    sisters = make_request(None, SISTER, make_person("Maryam Noor", sex=Sex.FEMALE))
    with pytest.raises(InvalidInput, match="male lead"):
        require_eligible(sisters, FORBIDDEN, {SISTER.id: sisters.sought[1].person.id}, DAY)


@pytest.mark.parametrize("birth", ["2008", "2012-05-01"])
def test_p19_a_child_may_ask_where_the_request_says_so(birth: str) -> None:
    require_eligible(born(birth, child=True), ANY, {}, date(2026, 3, 1))
