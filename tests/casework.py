"""What tests of casework build with: change only what matters."""

from dataclasses import replace
from datetime import date
from typing import Any

from rfl.domain.answer import Answer, Consultation, Incapacity, Item, Representative
from rfl.domain.care import AskingChild, Credibility, Established, Found, Harm, Screening, Side
from rfl.domain.consent import ConsentForm
from rfl.domain.death import Death, DeathSource
from rfl.domain.ids import PersonId, new_id
from rfl.domain.told import Limits

DAY = date(2026, 3, 1)
ANSWER_ON = date(2026, 8, 28)
EVERY_ITEM = frozenset(Item)
OFFICER, SECOND = new_id("acc"), new_id("acc")


def make_consultation(**changes: Any) -> Consultation:
    """A consultation as it should be, on the first day."""
    made = Consultation(
        on=DAY,
        place="Her tent",
        asked_by=OFFICER,
        language="fa",
        form=ConsentForm.SIGNED,
        identified_by="She named the neighbour who kept the goat",
        alone=True,
        identified_first=True,
    )
    return replace(made, **changes)


def make_answer(*items: Item, **changes: Any) -> Answer:
    """An answer that allows these items; without any it is a refusal."""
    made = Answer(
        person=PersonId(new_id("per")),
        enquirer=PersonId(new_id("per")),
        items=frozenset(items),
        consultation=make_consultation(),
    )
    return replace(made, **changes)


def make_representative(**changes: Any) -> Representative:
    """A grandmother who decides for a small child."""
    made = Representative(
        name="Halima Noor",
        capacity="grandmother and carer",
        reason=Incapacity.SMALL_CHILD,
        best_interest="He asks for his mother every night.",
        ask_again_on=date(2034, 3, 1),
    )
    return replace(made, **changes)


def make_asking_child(**changes: Any) -> AskingChild:
    """A girl who asks for her mother, with her aunt to sign."""
    made = AskingChild(
        own_wish=True,
        taken_by=OFFICER,
        signed_by="Her aunt",
        officer_on_safety="She told it freely, alone, in two talks.",
        representative_on_safety="Nobody of the family has harmed her.",
        on=DAY,
    )
    return replace(made, **changes)


def make_death(**changes: Any) -> Death:
    """A death that the competent authority established, not yet seen by a second officer."""
    made = Death(
        source=DeathSource.COMPETENT_AUTHORITY,
        said_by="Registrar of Samos",
        reported_by=OFFICER,
        reported_on=DAY,
        document="Certificate 41 of 2026",
        burial_place="Row 4, Iraio",
    )
    return replace(made, **changes)


def make_limits(**changes: Any) -> Limits:
    """Limits that hold nothing back but time."""
    made = Limits(answer_on=ANSWER_ON, policies=(EVERY_ITEM,), screened=True, established=True)
    return replace(made, **changes)


def make_screening(side: Side, **changes: Any) -> Screening:
    """A screening that found no danger."""
    made = Screening(
        side=side,
        found=tuple((harm, Found.NO) for harm in Harm),
        goes_on=True,
        reason="No sign of any danger in two talks.",
        policy="neutral-1",
        by=OFFICER,
        on=DAY,
    )
    return replace(made, **changes)


def make_credibility(**changes: Any) -> Credibility:
    """A relationship that became credible."""
    made = Credibility(
        identity_by="Residence card",
        relationship_by="Family book and a question",
        question="What did the family call the well?",
        answer="The blind one",
        relationship=Established.ESTABLISHED,
        judged_by=OFFICER,
        on=DAY,
    )
    return replace(made, **changes)
