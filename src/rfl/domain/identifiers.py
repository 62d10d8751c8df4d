"""The form in which identifiers are compared: the same phone or number, however it was written."""

import unicodedata

import phonenumbers

from rfl.domain.person import Identifier, IdentifierKind


def comparable(identifier: Identifier, region: str | None) -> str | None:
    """Return the form that equal identifiers share, or None if there is nothing to compare.

    Phones become E.164; one without a country prefix is read as of `region` if that is set.
    """
    if identifier.kind is IdentifierKind.PHONE:
        return _phone(identifier.value, region)
    plain = unicodedata.normalize("NFKC", identifier.value).casefold()
    if identifier.kind is IdentifierKind.EMAIL:
        return plain.strip() or None
    kept = "".join(ch for ch in plain if ch.isalnum())
    issuer = unicodedata.normalize("NFKC", identifier.issuer or "").casefold().strip()
    return f"{issuer}\x00{kept}" if kept else None


def _phone(value: str, region: str | None) -> str | None:
    written = "".join(str(unicodedata.decimal(ch, ch)) for ch in value).strip()
    if written.startswith("00"):
        written = "+" + written[2:]
    try:
        number = phonenumbers.parse(written, region or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
