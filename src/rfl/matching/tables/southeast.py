"""Thai (and Lao, which has its layout), Khmer, Burmese and Sinhala: letters and their sounds."""

# Thai consonants from U+0E01: the sound that starts a syllable, and the one that ends it.
THAI_STARTS = (
    "k", "kh", "kh", "kh", "kh", "kh", "ng", "ch", "ch", "ch", "s", "ch", "y", "d", "t",
    "th", "th", "th", "n", "d", "t", "th", "th", "th", "n", "b", "p", "ph", "f", "ph", "f",
    "ph", "m", "y", "r", "rue", "l", "lue", "w", "s", "s", "s", "h", "l", "", "h",
)  # fmt: skip
THAI_ENDS = (
    "k", "k", "k", "k", "k", "k", "ng", "t", "t", "t", "t", "t", "n", "t", "t", "t", "t",
    "t", "n", "t", "t", "t", "t", "t", "n", "p", "p", "p", "p", "p", "p", "p", "m", "y",
    "n", "rue", "n", "lue", "w", "t", "t", "t", "t", "n", "", "",
)  # fmt: skip
THAI_CLUSTERS = frozenset({"k", "kh", "p", "ph", "t", "th"})
# A vowel around its consonant, as it is written: what stands before it and what after.
THAI_AROUND = {
    ("เ", "ีย"): "ia", ("เ", "ือ"): "uea", ("เ", "ิ"): "oe", ("เ", "อ"): "oe", ("เ", "าะ"): "o",
    ("เ", "า"): "ao", ("เ", "ะ"): "e", ("เ", ""): "e", ("แ", "ะ"): "ae", ("แ", ""): "ae",
    ("โ", "ะ"): "o", ("โ", ""): "o", ("ใ", ""): "ai", ("ไ", ""): "ai",
    ("", "ัว"): "ua", ("", "ัย"): "ai",
    ("", "ะ"): "a", ("", "ั"): "a", ("", "า"): "a", ("", "ํา"): "am",
    ("", "ำ"): "am", ("", "ิ"): "i", ("", "ี"): "i", ("", "ึ"): "ue", ("", "ือ"): "ue",
    ("", "ื"): "ue", ("", "ุ"): "u", ("", "ู"): "u", ("", "รร"): "an", ("", "อ"): "o",
    ("", "ຽ"): "ia",
}  # fmt: skip

# Khmer consonants from U+1780, and those of the second series, after which some vowels change.
KHMER = (
    "k", "kh", "k", "kh", "ng", "ch", "chh", "ch", "chh", "nh", "d", "th", "d", "th", "n",
    "t", "th", "t", "th", "n", "b", "ph", "p", "ph", "m", "y", "r", "l", "v", "sh", "s",
    "s", "h", "l", "",
)  # fmt: skip
KHMER_SECOND = frozenset("គឃងជឈញឌឍទធនពភមយរលវ")
KHMER_VOWELS = {
    "ា": ("a", "ea"), "ិ": ("e", "i"), "ី": ("ei", "i"), "ឹ": ("oe", "ue"), "ឺ": ("eu", "eu"),
    "ុ": ("o", "u"), "ូ": ("o", "u"), "ួ": ("uo", "uo"), "ើ": ("aeu", "oe"), "ឿ": ("oea", "oea"),
    "ៀ": ("ie", "ie"), "េ": ("e", "e"), "ែ": ("ae", "e"), "ៃ": ("ai", "ey"), "ោ": ("ao", "o"),
    "ៅ": ("au", "ov"), "ំ": ("am", "um"), "ះ": ("ah", "eah"), "ៈ": ("a", "eak"),
}  # fmt: skip
KHMER_INDEPENDENT = {
    "ឥ": "e", "ឦ": "ei", "ឧ": "o", "ឩ": "ou", "ឪ": "ov", "ឫ": "rue", "ឬ": "rue", "ឭ": "lue",
    "ឮ": "lue", "ឯ": "ae", "ឰ": "ai", "ឱ": "ao", "ឳ": "au",
}  # fmt: skip

# Burmese consonants from U+1000.
BURMESE = (
    "k", "kh", "g", "g", "ng", "s", "s", "z", "z", "ny", "ny", "t", "t", "d", "d", "n", "t",
    "ht", "d", "d", "n", "p", "ph", "b", "b", "m", "y", "y", "l", "w", "th", "h", "l", "",
)  # fmt: skip
# Vowels and closed syllables as they are written after the consonant, tones left out.
BURMESE_RHYMES = {
    "ောက်": "auk", "ောင်": "aung", "ိုက်": "aik", "ိုင်": "aing", "ိတ်": "eik", "ိပ်": "eik",
    "ိန်": "ein", "ိမ်": "ein", "ုတ်": "ok", "ုပ်": "ok", "ုန်": "on", "ုမ်": "on", "ုံ": "on",
    "ိုယ်": "o", "က်": "et", "င်": "in", "စ်": "it", "ဉ်": "in", "ည်": "yi", "တ်": "at",
    "န်": "an", "ပ်": "at", "မ်": "an", "ယ်": "e", "ံ": "an", "ော်": "aw", "ော": "aw", "ေ": "ay",
    "ို": "o", "ိ": "i", "ီ": "i", "ု": "u", "ူ": "u", "ဲ": "e", "ာ": "a",
}  # fmt: skip
BURMESE_INDEPENDENT = {"ဣ": "i", "ဤ": "i", "ဥ": "u", "ဦ": "u", "ဧ": "ay", "ဩ": "aw", "ဪ": "aw"}

# Sinhala: the same idea as Indic, in a layout of its own.
SINHALA_CONSONANTS = {
    "ක": "k", "ඛ": "kh", "ග": "g", "ඝ": "gh", "ඞ": "ng", "ඟ": "ng", "ච": "ch", "ඡ": "ch",
    "ජ": "j", "ඣ": "jh", "ඤ": "ny", "ඥ": "gn", "ඦ": "nj", "ට": "t", "ඨ": "th", "ඩ": "d",
    "ඪ": "dh", "ණ": "n", "ඬ": "nd", "ත": "th", "ථ": "th", "ද": "d", "ධ": "dh", "න": "n",
    "ඳ": "nd", "ප": "p", "ඵ": "ph", "බ": "b", "භ": "bh", "ම": "m", "ඹ": "mb", "ය": "y",
    "ර": "r", "ල": "l", "ව": "w", "ශ": "sh", "ෂ": "sh", "ස": "s", "හ": "h", "ළ": "l", "ෆ": "f",
}  # fmt: skip
SINHALA_VOWELS = {
    "අ": "a", "ආ": "a", "ඇ": "a", "ඈ": "a", "ඉ": "i", "ඊ": "i", "උ": "u", "ඌ": "u", "ඍ": "ri",
    "එ": "e", "ඒ": "e", "ඓ": "ai", "ඔ": "o", "ඕ": "o", "ඖ": "au", "ං": "n", "ඃ": "h",
}  # fmt: skip
SINHALA_SIGNS = {
    "්": "", "ා": "a", "ැ": "a", "ෑ": "a", "ි": "i", "ී": "i", "ු": "u", "ූ": "u", "ෘ": "ru",
    "ෙ": "e", "ේ": "e", "ෛ": "ai", "ො": "o", "ෝ": "o", "ෞ": "au", "ෟ": "l", "ෲ": "ru",
}  # fmt: skip
