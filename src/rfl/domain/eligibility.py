"""Is a tracing request complete, and may it be searched there? Judged by the policy (P-17)."""

from collections.abc import Iterator, Mapping
from datetime import date

from rfl.domain.dates import age_on
from rfl.domain.person import Person, Relation, Sex
from rfl.domain.policy import Asking, Field, Rules
from rfl.domain.request import Cause, TracingRequest
from rfl.errors import InvalidInput, within


def require_eligible(
    request: TracingRequest, rules: Rules, leads: Mapping[str, str], on: date
) -> None:
    """Return if the request may be accepted under these rules, or raise InvalidInput.

    `leads` says for an accompanying person's id who leads.
    """
    missing = sorted(rules.asking.wanted(present(request)))
    if missing:
        raise InvalidInput(missing[0], "is required by the policy before a case is accepted")
    if Field.METHODS in rules.asking.required and not request.methods & rules.methods:
        raise InvalidInput("methods", "must hold one that the policy allows")
    _require_askable(request, rules.asking, on)
    _require_leads(request, rules, leads)


def present(request: TracingRequest) -> frozenset[Field]:
    """Return which fields this request has; one of a sought person only if each of them has it."""
    return frozenset({*_of_request(request), *_of_enquirer(request), *_of_sought(request)})


def _require_askable(request: TracingRequest, asking: Asking, on: date) -> None:
    for number, sought in enumerate(request.sought):
        if sought.relation not in asking.relations:
            raise InvalidInput(f"sought[{number}].relation", "must be one that the policy names")
    birth = request.enquirer.birth
    if birth is None or birth.earliest > on:
        return
    least, most = age_on(birth, on)
    if most < asking.least_age:
        raise InvalidInput("enquirer.birth", "must be of an age that may ask")
    if most < asking.alone_from and not request.child_enquirer:
        raise InvalidInput("child_enquirer", "must be true for an enquirer of this age")
    if least >= 18 and request.child_enquirer:
        raise InvalidInput("child_enquirer", "must be false for an adult")


def _require_leads(request: TracingRequest, rules: Rules, leads: Mapping[str, str]) -> None:
    sexes = {sought.person.id: sought.person.sex for sought in request.sought}
    for number, sought in enumerate(request.sought):
        led_by = rules.leads(sought.person.sex)
        if led_by is None:
            continue
        lead = leads.get(sought.person.id)
        with within(f"sought[{number}]"):
            if lead is None or sexes.get(lead) is not led_by:  # type: ignore[call-overload]
                rule = f"must accompany a {led_by} lead: this search is forbidden there"
                raise InvalidInput("lead", rule)


def _of_request(request: TracingRequest) -> Iterator[Field]:
    separation = request.separation
    given = {
        Field.SEPARATION_CAUSE: separation.cause is not Cause.UNKNOWN,
        Field.SEPARATION_WHEN: separation.when,
        Field.SEPARATION_PLACE: separation.place,
        Field.SEPARATION_NARRATIVE: separation.narrative,
        Field.METHODS: request.methods,
        Field.NOTICE: request.notice,
    }
    return (field for field, value in given.items() if value)


def _of_enquirer(request: TracingRequest) -> Iterator[Field]:
    given = {
        Field.ENQUIRER_BIRTH: request.enquirer.birth,
        Field.ENQUIRER_ADDRESS: request.contact.address,
        Field.ENQUIRER_CHANNEL: request.contact.safest_channel,
    }
    return (field for field, value in given.items() if value)


def _of_sought(request: TracingRequest) -> Iterator[Field]:
    each = [set(_of_person(sought.person)) for sought in request.sought]
    return iter(set.intersection(*each))


def _of_person(person: Person) -> Iterator[Field]:
    given = {
        Field.SOUGHT_BIRTH: person.birth,
        Field.SOUGHT_SEX: person.sex is not Sex.UNKNOWN,
        Field.SOUGHT_KIN: person.kin,
        Field.SOUGHT_FATHER: any(kin.relation is Relation.FATHER for kin in person.kin),
        Field.SOUGHT_LAST_ADDRESS: person.last_address,
    }
    return (field for field, value in given.items() if value)
