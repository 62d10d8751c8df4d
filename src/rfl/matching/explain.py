"""One plain sentence for each reason. No sentence holds a value of either person.

Sentences are looked up by code when somebody reads a proposal, so that they can be translated;
a code that this version does not know still gets a sentence.
"""

from collections.abc import Mapping
from typing import Final

from rfl.matching.evidence import Contribution

SENTENCES: Final[Mapping[str, str]] = {
    "prior.candidate": "Before any evidence: few of all candidates are the person sought.",
    "names.same": "The names are the same, or nearly so.",
    "names.same_other_script": "The names sound the same, written in different scripts.",
    "names.order_swapped": "The name parts are the same, in another order.",
    "names.part_left_out": "The names agree, but one side has more parts than the other.",
    "names.spelled_differently": "The names are alike and may be two spellings of one name.",
    "names.part_agrees": "Some parts of the names agree, others do not.",
    "names.somewhat_alike": "The names are somewhat alike.",
    "names.differ": "The names are different.",
    "names.unknown": "At least one side has no name that can be compared.",
    "birth.same_day": "The dates of birth are the same day.",
    "birth.day_and_month_swapped": "The dates of birth agree if day and month were swapped.",
    "birth.one_digit_differs": "The dates of birth differ in one digit.",
    "birth.year_slipped": "Day and month of birth agree; the year is one or two off.",
    "birth.day_agrees_year_differs": "Day and month of birth agree; the year does not.",
    "birth.month_agrees": "The month and year of birth agree.",
    "birth.year_agrees": "The year of birth agrees.",
    "birth.range_agrees": "The possible years of birth overlap.",
    "birth.one_year_apart": "The years of birth are one year apart.",
    "birth.two_years_apart": "The years of birth are two years apart.",
    "birth.few_years_apart": "The years of birth are three or four years apart.",
    "birth.calendar_mixed_up": "The years of birth differ as two calendars do.",
    "birth.years_apart": "The years of birth are five to ten years apart.",
    "birth.conflict": "The years of birth are more than ten years apart.",
    "birth.unknown": "At least one side has no date of birth.",
    "sex.agrees": "The sex agrees.",
    "sex.conflict": "The sex is different.",
    "sex.unknown": "At least one side does not say the sex.",
    "places.town_agrees": "A town agrees.",
    "places.province_agrees": "A province agrees.",
    "places.country_agrees": "A country agrees.",
    "places.towns_differ": "The towns are different; people move.",
    "places.countries_differ": "The countries are different; people move.",
    "places.unknown": "At least one side names no place that can be compared.",
    "kin.father_agrees": "The father's name agrees.",
    "kin.father_differs": "The father's name is different.",
    "kin.father_unclear": "The father's names are only somewhat alike.",
    "kin.father_in_chain": "The father's name on one side is part of the name on the other.",
    "kin.mother_agrees": "The mother's name agrees.",
    "kin.mother_differs": "The mother's name is different.",
    "kin.mother_unclear": "The mother's names are only somewhat alike.",
    "kin.relatives_agree": "Other relatives with the same names are named on both sides.",
    "kin.unknown": "At least one side names no relatives that can be compared.",
    "nationalities.agree": "A nationality agrees.",
    "nationalities.differ": "The nationalities are different.",
    "nationalities.unknown": "At least one side does not say the nationality.",
    "identifiers.shared": "Both sides gave the same phone or document number.",
}

_OTHER: Final = "A reason of another version of the matcher."


def sentence(contribution: Contribution) -> str:
    """The English sentence for a contribution; in another version's words if the code is new."""
    return SENTENCES.get(contribution.code, _OTHER)
