"""Why data is read or sent (P-08) and on what basis it is held (P-11): two closed lists."""

from enum import StrEnum


class Purpose(StrEnum):
    """Exclusively humanitarian; none is law enforcement."""

    TRACING = "tracing"
    FAMILY_CONTACT = "family_contact"
    REUNIFICATION = "reunification"
    CHILD_PROTECTION = "child_protection"
    FATE_CLARIFICATION = "fate_clarification"
    DATA_SUBJECT_REQUEST = "data_subject_request"
    SUPERVISION = "supervision"
    AUDIT = "audit"
    ADMINISTRATION = "administration"


CASEWORK = frozenset(
    {
        Purpose.TRACING,
        Purpose.FAMILY_CONTACT,
        Purpose.REUNIFICATION,
        Purpose.CHILD_PROTECTION,
        Purpose.FATE_CLARIFICATION,
    }
)
"""Purposes of work for a family; a letter about a case has one of them."""


class LegalBasis(StrEnum):
    """Grounds of processing in the order in which the Movement's handbook names them."""

    CONSENT = "consent"
    VITAL_INTEREST = "vital_interest"
    PUBLIC_INTEREST = "public_interest"
    LEGITIMATE_INTEREST = "legitimate_interest"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
