"""Scripts that write syllables: Ethiopic, the scripts of India, Hangul."""

# One entry for each row of eight code points from U+1200.
ETHIOPIC_ROWS = (
    "h", "l", "h", "m", "s", "r", "s", "sh", "q", "qw", "q", "qw", "b", "v", "t", "ch",
    "h", "hw", "n", "ny", "", "k", "kw", "kh", "khw", "w", "", "z", "zh", "y", "d", "d",
    "j", "g", "gw", "g", "t", "ch", "p", "ts", "ts", "f", "p",
)  # fmt: skip
ETHIOPIC_VOWELS = ("e", "u", "i", "a", "e", "", "o", "wa")

# Nine Indic blocks of 128 code points from U+0900 share one layout (ISCII): offset to sound.
INDIC_VOWELS = {
    0x05: "a", 0x06: "a", 0x07: "i", 0x08: "i", 0x09: "u", 0x0A: "u", 0x0B: "ri", 0x0C: "li",
    0x0D: "e", 0x0E: "e", 0x0F: "e", 0x10: "ai", 0x11: "o", 0x12: "o", 0x13: "o", 0x14: "au",
    0x60: "ri", 0x61: "li", 0x72: "e",
}  # fmt: skip
INDIC_SIGNS = {
    0x3E: "a", 0x3F: "i", 0x40: "i", 0x41: "u", 0x42: "u", 0x43: "ri", 0x44: "ri", 0x45: "e",
    0x46: "e", 0x47: "e", 0x48: "ai", 0x49: "o", 0x4A: "o", 0x4B: "o", 0x4C: "au", 0x4D: "",
    0x55: "e", 0x56: "ai", 0x57: "au", 0x62: "li",
}  # fmt: skip
INDIC_CONSONANTS = {
    0x15: "k", 0x16: "kh", 0x17: "g", 0x18: "gh", 0x19: "ng", 0x1A: "ch", 0x1B: "chh",
    0x1C: "j", 0x1D: "jh", 0x1E: "ny", 0x1F: "t", 0x20: "th", 0x21: "d", 0x22: "dh",
    0x23: "n", 0x24: "t", 0x25: "th", 0x26: "d", 0x27: "dh", 0x28: "n", 0x29: "n", 0x2A: "p",
    0x2B: "ph", 0x2C: "b", 0x2D: "bh", 0x2E: "m", 0x2F: "y", 0x30: "r", 0x31: "r", 0x32: "l",
    0x33: "l", 0x34: "l", 0x35: "v", 0x36: "sh", 0x37: "sh", 0x38: "s", 0x39: "h", 0x58: "q",
    0x59: "kh", 0x5A: "g", 0x5B: "z", 0x5C: "r", 0x5D: "rh", 0x5E: "f", 0x5F: "y", 0x70: "r",
    0x71: "v",
}  # fmt: skip
# Signs that are heard otherwise together, in letters that are read one by one.
INDIC_TOGETHER = {
    "ंह": "ङ्घ", "ज्ञ": "ग्य",  # Singh; Gyan, Yagya
    "\u0a70": "\u0a02", "\u0a71": "",  # Gurmukhi: Singh; a sign that doubles a consonant
    "্যা": "া", "্য": "", "য়": "\u095f", "য": "জ",  # Bengali: y is unheard, or j
    "റ്റ": "ട്ട", "ന്റ": "ന്ട",  # Malayalam: tt, nt; then consonants without a vowel
    "\u0d7a": "ണ്", "\u0d7b": "ന്", "\u0d7c": "ര്", "\u0d7d": "ല്", "\u0d7e": "ള്",
}  # fmt: skip
INDIC_NASALS = {0x01: "n", 0x02: "n", 0x03: "h", 0x70: "n"}
# A consonant followed by the dot below, in scripts that borrow sounds.
INDIC_DOTTED = {"k": "q", "j": "z", "ph": "f", "d": "r", "dh": "rh", "g": "gh", "y": "y"}

TAMIL_SOFT = {"k": "g", "t": "d", "th": "d", "p": "b", "pp": "b"}

HANGUL_LEADS = (
    "g", "k", "n", "d", "t", "r", "m", "b", "p", "s", "s", "", "j", "j", "ch", "k", "t", "p",
    "h",
)  # fmt: skip
HANGUL_VOWELS = (
    "a", "ae", "ya", "ya", "o", "e", "yo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo",
    "we", "wi", "yu", "u", "ui", "i",
)  # fmt: skip
HANGUL_TAILS = (
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p",
    "p", "t", "t", "ng", "t", "t", "k", "t", "p", "t",
)  # fmt: skip
