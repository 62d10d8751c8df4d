import pytest

from rfl.interchange.countries import country_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("AF", "AF"),
        ("afg", "AF"),
        ("Afghan", "AF"),
        (" north  macedonia ", "MK"),
        ("CÔTE D’IVOIRE", "CI"),
        ("Allemagne", "DE"),
        ("Syrian Arab Republic", "SY"),
        ("Kosovo", "XK"),
        ("Congo", None),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_a_country_is_known_by_code_name_and_nationality(text: str, code: str | None) -> None:
    assert country_code(text) == code
