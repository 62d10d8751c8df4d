"""Katakana: one sign, or a sign and a small one after it, with its sound in Hepburn."""

VOWELS = "aiueo"

_ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "g": "ガギグゲゴ", "n": "ナニヌネノ", "b": "バビブベボ",
    "p": "パピプペポ", "m": "マミムメモ", "r": "ラリルレロ",
}  # fmt: skip

BASE = {
    **{one: lead + VOWELS[i] for lead, row in _ROWS.items() for i, one in enumerate(row)},
    "サ": "sa", "シ": "shi", "ス": "su", "セ": "se", "ソ": "so", "ザ": "za", "ジ": "ji",
    "ズ": "zu", "ゼ": "ze", "ゾ": "zo", "タ": "ta", "チ": "chi", "ツ": "tsu", "テ": "te",
    "ト": "to", "ダ": "da", "ヂ": "ji", "ヅ": "zu", "デ": "de", "ド": "do", "ハ": "ha",
    "ヒ": "hi", "フ": "fu", "ヘ": "he", "ホ": "ho", "ヤ": "ya", "ユ": "yu", "ヨ": "yo",
    "ワ": "wa", "ヰ": "i", "ヱ": "e", "ヲ": "o", "ン": "n", "ヴ": "vu", "ァ": "a", "ィ": "i",
    "ゥ": "u", "ェ": "e", "ォ": "o", "ャ": "ya", "ュ": "yu", "ョ": "yo", "ヮ": "wa", "ヶ": "ga",
    "ヵ": "ka", "ヷ": "va", "ヸ": "vi", "ヹ": "ve", "ヺ": "vo",
}  # fmt: skip

_SMALL_YA = {"ャ": "a", "ュ": "u", "ョ": "o"}
_PALATAL = {
    "キ": "ky", "ギ": "gy", "シ": "sh", "ジ": "j", "チ": "ch", "ヂ": "j", "ニ": "ny", "ヒ": "hy",
    "ビ": "by", "ピ": "py", "ミ": "my", "リ": "ry", "デ": "dy", "テ": "ty", "フ": "fy", "ヴ": "vy",
}  # fmt: skip
_SMALL = {"ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o"}
_FOREIGN = {
    "シ": "sh", "ジ": "j", "チ": "ch", "ツ": "ts", "テ": "t", "デ": "d", "ト": "t", "ド": "d",
    "フ": "f", "ヴ": "v", "ウ": "w", "ク": "kw", "グ": "gw", "イ": "y", "ス": "s", "ズ": "z",
}  # fmt: skip

PAIRS = {
    **{one + small: lead + v for one, lead in _FOREIGN.items() for small, v in _SMALL.items()},
    **{one + small: lead + v for one, lead in _PALATAL.items() for small, v in _SMALL_YA.items()},
}  # fmt: skip
