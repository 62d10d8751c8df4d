"""Every sentence by its code, in English. No sentence holds a value of either person.

The other languages' catalogues name the code as context and this text as the message. A pair is
singular and plural: {number} is how many relatives, years or identifiers the code speaks of.
"""

from collections.abc import Mapping
from typing import Final

Text = str | tuple[str, str]

REASONS: Final[Mapping[str, Text]] = {
    "prior.candidate": "Before any evidence: few of all candidates are the person sought.",
    "names.same": "The names are the same, or nearly so.",
    "names.same_other_script": "The names sound the same, written in different scripts.",
    "names.order_swapped": "The name parts are the same, in another order.",
    "names.part_left_out": "The names agree, but one side has more parts than the other.",
    "names.spelled_differently": "The names are alike and may be two spellings of one name.",
    "names.part_agrees": "Some parts of the names agree, others do not.",
    "names.somewhat_alike": "The names are somewhat alike.",
    "names.differ": "The names are different.",
    "names.unknown": "No names can be compared.",
    "birth.same_day": "The dates of birth are the same day.",
    "birth.day_and_month_swapped": "The dates of birth agree if day and month were swapped.",
    "birth.one_digit_differs": "The dates of birth differ in one digit.",
    "birth.same_day_in_another_calendar": (
        "The dates of birth are the same day if one was written in another calendar."
    ),
    "birth.year_slipped": "Day and month of birth agree; the year is one or two off.",
    "birth.day_agrees_year_differs": "Day and month of birth agree; the year does not.",
    "birth.month_agrees": "The month and year of birth agree.",
    "birth.year_agrees": "The year of birth agrees.",
    "birth.range_agrees": "The possible years of birth overlap.",
    "birth.about_agrees": "The years of birth agree as nearly as they are known.",
    "birth.years_nearly_agree": (
        "The years of birth are only {number} year apart.",
        "The years of birth are only {number} years apart.",
    ),
    "birth.few_years_apart": (
        "The years of birth are {number} year apart, which says little.",
        "The years of birth are {number} years apart, which says little.",
    ),
    "birth.year_digits_swapped": "The years of birth agree if two digits were swapped.",
    "birth.calendar_mixed_up": "The years of birth differ as two calendars do.",
    "birth.decade_differs": "The years of birth differ in the decade alone.",
    "birth.years_apart": (
        "The years of birth are {number} year apart.",
        "The years of birth are {number} years apart.",
    ),
    "birth.conflict": (
        "The years of birth are {number} year apart, which is too many for a slip.",
        "The years of birth are {number} years apart, which is too many for a slip.",
    ),
    "birth.unknown": "No dates of birth can be compared.",
    "sex.agrees": "The sex agrees.",
    "sex.conflict": "The sex is different.",
    "sex.unknown": "The sex cannot be compared.",
    "places.town_agrees": "A town agrees.",
    "places.province_agrees": "A province agrees.",
    "places.towns_near": "The towns are different, but near each other.",
    "places.country_agrees": "A country agrees.",
    "places.towns_differ": "The towns are different; people move.",
    "places.neighbour_countries": "The countries are neighbours; people move.",
    "places.countries_differ": "The countries are different; people move.",
    "places.unknown": "No places can be compared.",
    "kin.father_agrees": "The father's name agrees.",
    "kin.father_differs": "The father's name is different.",
    "kin.father_unclear": "The father's names are only somewhat alike.",
    "kin.father_in_chain": "The father's name on one side is part of the name on the other.",
    "kin.line_in_chain": (
        "The father's and grandfather's names on one side are part of the name on the other."
    ),
    "kin.mother_agrees": "The mother's name agrees.",
    "kin.mother_differs": "The mother's name is different.",
    "kin.mother_unclear": "The mother's names are only somewhat alike.",
    "kin.spouses_agree": (
        "{number} spouse has the same name on both sides.",
        "{number} spouses have the same names on both sides.",
    ),
    "kin.children_agree": (
        "{number} child has the same name on both sides.",
        "{number} children have the same names on both sides.",
    ),
    "kin.siblings_agree": (
        "{number} brother or sister has the same name on both sides.",
        "{number} brothers or sisters have the same names on both sides.",
    ),
    "kin.grandparents_agree": (
        "{number} grandparent has the same name on both sides.",
        "{number} grandparents have the same names on both sides.",
    ),
    "kin.relatives_agree": (
        "{number} other relative has the same name on both sides.",
        "{number} other relatives have the same names on both sides.",
    ),
    "kin.unknown": "No relatives can be compared.",
    "nationalities.agree": "A nationality agrees.",
    "nationalities.differ": "The nationalities are different.",
    "nationalities.unknown": "No nationalities can be compared.",
    "identifiers.shared": (
        "Both sides gave {number} phone or document number that is the same.",
        "Both sides gave {number} phone or document numbers that are the same.",
    ),
    "other.reason": "A reason of another version of the matcher.",
}

UNKNOWN: Final[Mapping[str, Text]] = {
    "unknown.first": "Not known of the first person: {what}.",
    "unknown.second": "Not known of the second person: {what}.",
    "unknown.both": "Not known of either person: {what}.",
    "field.names": "name",
    "field.birth": "date of birth",
    "field.sex": "sex",
    "field.places": "places",
    "field.kin": "relatives",
    "field.nationalities": "nationality",
}

AROUND: Final[Mapping[str, Text]] = {
    "band.nine_in_ten": "Of ten such proposals, nine or more are right.",
    "band.two_in_three": "Of three such proposals, about two are right.",
    "band.one_in_two": "Of two such proposals, about one is right.",
    "band.one_in_five": "Of five such proposals, about one is right.",
    "band.one_in_ten": "Of ten such proposals, about one is right.",
    "band.one_in_fifty": "Of fifty such proposals, about one is right.",
    "band.less": "Hardly any such proposal is right.",
    "kind.registration": "A sought person, and somebody on a list.",
    "kind.both_searching": "Two families who may be looking for each other.",
    "kind.same_sought": "Two requests that may be about one sought person.",
    "kind.duplicate": "Two registrations that may be of one person.",
    "note.sample": (
        "Drawn by chance from below the threshold, so that misses become known; most are wrong."
    ),
    "note.rose": "Decided before; since then new evidence has made it likelier.",
}

ENGLISH: Final[Mapping[str, Text]] = {**REASONS, **UNKNOWN, **AROUND}
