"""Arabic and Hebrew letters. Short vowels are mostly unwritten; long ones share w and y.

`w` and `y` stay ambiguous here: `folding` reads them once as vowels and once as consonants.
"""

ARABIC = {
    "ا": "a", "أ": "a", "إ": "i", "آ": "a", "ٱ": "a", "ب": "b", "ت": "t", "ث": "th", "ج": "j",
    "ح": "h", "خ": "kh", "د": "d", "ذ": "dh", "ر": "r", "ز": "z", "س": "s", "ش": "sh",
    "ص": "s", "ض": "dh", "ط": "t", "ظ": "dh", "ع": "a", "غ": "gh", "ف": "f", "ق": "q", "ك": "k",
    "ل": "l", "م": "m", "ن": "n", "ه": "h", "و": "w", "ي": "y", "ى": "a", "ة": "a", "ء": "",
    "ؤ": "w", "ئ": "y",
    # Persian, Dari, Urdu
    "پ": "p", "چ": "ch", "ژ": "zh", "ک": "k", "گ": "g", "ی": "y", "ے": "y", "ۓ": "y",
    "ہ": "h", "ھ": "h", "ۂ": "h", "ۃ": "a", "ں": "n", "ٹ": "t", "ڈ": "d", "ڑ": "r", "ۀ": "h",
    # Pashto
    "ټ": "t", "ډ": "d", "ړ": "r", "ږ": "g", "ښ": "sh", "ځ": "dz", "څ": "ts", "ڼ": "n",
    "ې": "y", "ۍ": "y", "ګ": "g",
    # Sorani, Uyghur, Sindhi, Maghreb
    "ڕ": "r", "ڵ": "l", "ۆ": "o", "ێ": "e", "ە": "a", "ۇ": "u", "ۈ": "u", "ۋ": "v", "ڭ": "ng",
    "ڤ": "v", "ڨ": "g", "ڥ": "v", "ٺ": "th", "ڄ": "j", "ݣ": "g", "ڪ": "k", "ۅ": "o", "ۉ": "u",
    # Written vowels
    "َ": "a", "ُ": "u", "ِ": "i", "ٰ": "a",
}  # fmt: skip

# Stands before a vowel that starts a word in Sorani and Uyghur, and is silent there.
CARRIER = "ئ"

HEBREW = {
    "א": "a", "ב": "b", "ג": "g", "ד": "d", "ה": "h", "ו": "w", "ז": "z", "ח": "kh", "ט": "t",
    "י": "y", "כ": "k", "ך": "kh", "ל": "l", "מ": "m", "ם": "m", "נ": "n", "ן": "n", "ס": "s",
    "ע": "a", "פ": "p", "ף": "f", "צ": "ts", "ץ": "ts", "ק": "k", "ר": "r", "ש": "sh",
    "ת": "t",
}  # fmt: skip

# With a geresh after it, a letter writes a sound that Hebrew lacks; two vav write v.
HEBREW_DIGRAPHS = {
    "דזש": "j", "זש": "zh", "טש": "ch",
    "ג'": "j", "ז'": "zh", "צ'": "ch", "ץ'": "ch", "ת'": "th", "ד'": "d", "ח'": "kh",
    "ע'": "gh", "ר'": "g", "וו": "v", "יי": "y",
}  # fmt: skip
