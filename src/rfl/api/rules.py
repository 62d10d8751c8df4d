"""What a schema found wrong, in rules of ours.

The validator's own texts may quote input, so they are not used: rules are made from the kind of
error and from the limits that stand in our own schemas.
"""

from collections.abc import Mapping, Sequence
from typing import Any

MOST_SHOWN = 50
UNKNOWN = "unknown field"

# The kinds of pydantic's errors that our schemas can raise; the braces hold limits of ours.
_RULES = {
    "missing": "is required",
    "extra_forbidden": UNKNOWN,
    "string_type": "must be text",
    "string_unicode": "must be whole Unicode characters",
    "string_too_long": "must be at most {max_length} characters",
    "string_pattern_mismatch": "must be of the form {pattern}",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "too_long": "must hold at most {max_length} items",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "date_type": "must be a day as YYYY-MM-DD",
    "date_parsing": "must be a day as YYYY-MM-DD",
    "date_from_datetime_parsing": "must be a day as YYYY-MM-DD",
    "date_from_datetime_inexact": "must be a day as YYYY-MM-DD",
    "timezone_aware": "must carry a time zone",
    "datetime_type": "must be a moment as RFC 3339",
    "datetime_parsing": "must be a moment as RFC 3339",
    "datetime_from_date_parsing": "must be a moment as RFC 3339",
    "union_tag_invalid": "must be {expected_tags}",
    "union_tag_not_found": "must name its kind",
    "json_invalid": "must be valid JSON",
}
_OTHER = "is not of its type"

# Kinds of errors that our own validators raise, whose texts are rules of ours.
OWN = "rfl_rule"


def broken_rules(errors: Sequence[Any]) -> list[tuple[str, str]]:
    """Return (field, rule) of each error of a schema, at most MOST_SHOWN."""
    return [_broken(error) for error in errors[:MOST_SHOWN]]


def field_path(location: Sequence[str | int]) -> str:
    """Return `sought[0].person` for ("body", "sought", 0, "person")."""
    path = ""
    for part in location[1:]:
        joint = "." if path else ""
        path += f"[{part}]" if isinstance(part, int) else f"{joint}{part}"
    return path or str(location[0])


def _broken(error: Mapping[str, Any]) -> tuple[str, str]:
    location = error["loc"]
    kind = error["type"]
    if kind == "extra_forbidden":
        return field_path(location[:-1]), UNKNOWN
    if kind == OWN:
        return field_path(location), str(error["msg"])
    rule = _RULES.get(kind, _OTHER)
    return field_path(location), rule.format_map(error.get("ctx") or {})
