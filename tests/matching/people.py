"""Made-up people for the tests of matching."""

from datetime import date

from rfl.domain.dates import PartialDate, date_from_age, parse_date
from rfl.domain.ids import PersonId, new_id
from rfl.domain.person import Kin, Name, Person, Place, Relation, Sex

CENSUS = date(2026, 1, 1)


def make_person(
    *names: str,
    sex: Sex = Sex.UNKNOWN,
    birth: str | PartialDate | None = None,
    kin: tuple[Kin, ...] = (),
    town: str | None = None,
    nationalities: tuple[str, ...] = (),
) -> Person:
    """A person of these names, with nothing else unless it is given."""
    return Person(
        id=PersonId(new_id("per")),
        names=tuple(Name(name) for name in names),
        sex=sex,
        birth=parse_date(birth) if isinstance(birth, str) else birth,
        birth_place=Place(town=town) if town else None,
        nationalities=nationalities,
        kin=kin,
    )


def make_kin(relation: Relation, name: str) -> Kin:
    """One relative with one name."""
    return Kin(relation, (Name(name),))


def aged(low: int, high: int) -> PartialDate:
    """Somebody of this age on the day of the census."""
    return date_from_age(low, high, CENSUS)
