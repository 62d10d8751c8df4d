"""Chinese syllables in the spellings that their bearers use outside the mainland."""

# Surnames of which a name of two or three characters may be parted, simplified forms. Those with
# other spellings stand in han_surnames.tsv; these are the rest of the two hundred most frequent.
SURNAMES = frozenset(
    "丁万于任何余侯俞倪傅党关兰冉冯凌凤刁刘剧匡华卓单卜卞卢卫印危厉厚叶司吉吕吴周和唐喻喻嘉"
    "姚姜娄孔孙孟季宁安宋官宗宫宿寇寿封尤尚尹居屈岑岳崔左巩巫常平庄应庞康廉廖张强彭徐戚戴房"
    "扈支文方施易昌明景曲曹曾朱李杜束杨杭松林柏查柯柳柴桂桑梁梅楼樊欧武殷毕毛江池汤汪沈沙沃"
    "洪浦涂温游湛滑滕满潘焦熊牛牟牧狄王甄甘申田白皮盛盛石祁祖祝禹秋秦程穆窦童竺符简管米糜"
    "纪练经缪罗翁翟耿聂胡胥臧舒艾芮苏苗范茅荀荆莫萧葛董蒋蒙蓝蔚蔡蔺薄薛虞裘裴褚覃解许诸谈谢谭"
    "谷费贝贺贾赖赵路车辛边连郁郎郑郝郭郸都鄢酆金钟钮钱锺闵闻阎阙阚阮阳陆陈陶隆雍雷霍靳鞠韦韩"
    "习项顾颜饶马骆高魏鱼鲁鲍鹿麦黄黎齐龙龚"
    "朴权河全玄区邝冼劳古招佘敖"
)
DOUBLE_SURNAMES = frozenset(
    {"欧阳", "司马", "诸葛", "上官", "司徒", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "端木",
     "夏侯", "南宫", "独孤", "轩辕", "宇文", "范徐", "张简"}
)  # fmt: skip

# Characters that are read otherwise as a surname.
SURNAME_READINGS = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "区": "ou", "查": "zha", "任": "ren",
    "盖": "ge", "翟": "zhai", "尉": "wei", "朴": "piao", "覃": "qin", "缪": "miao", "华": "hua",
    "重": "chong", "种": "chong", "乐": "yue", "柏": "bai", "秘": "bi", "召": "shao",
}  # fmt: skip

# Pinyin in the letters of other languages, longest first: how x, q and c sound.
PINYIN_SOUNDS = {"zh": "j", "x": "sh", "q": "ch", "c": "ts"}
# Pinyin in Wade and Giles, as used on Taiwan without its marks.
PINYIN_WADE = {
    "zhi": "chih", "chi": "chih", "shi": "shih", "ri": "jih", "zi": "tzu", "ci": "tzu",
    "si": "szu", "zh": "ch", "x": "hs", "q": "ch", "z": "ts", "c": "ts", "j": "ch", "r": "j",
    "b": "p", "d": "t", "g": "k",
}  # fmt: skip
WADE_ENDS = {"ong": "ung", "ian": "ien", "ue": "ueh", "ie": "ieh", "uo": "o", "you": "yu"}

# Jyutping in the letters of Hong Kong: beginnings, then ends.
CANTONESE_STARTS = {
    "gw": "kw", "kw": "kw", "ng": "ng", "z": "ch", "c": "ch", "j": "y", "g": "k", "d": "t",
    "b": "p", "s": "s",
}  # fmt: skip
CANTONESE_WHOLE = {
    "zi": "chi", "ci": "chi", "si": "si", "ji": "yi", "jyu": "yu", "zyu": "chu", "syu": "shu",
    "jyun": "yuen", "jyut": "yuet", "ceoi": "tsui", "coi": "choi", "zang": "tsang", "ze": "tse",
    "jat": "yat", "jan": "yan", "jin": "yin", "jing": "ying", "jiu": "yiu", "jip": "yip",
    "sing": "shing", "seon": "shun", "seong": "sheung", "san": "san", "sau": "sau",
}  # fmt: skip
CANTONESE_ENDS = {
    "aa": "a", "oeng": "eung", "oek": "euk", "eoi": "ui", "eon": "un", "eot": "ut", "yun": "uen",
    "yut": "uet", "yu": "u", "ou": "o",
}  # fmt: skip

# Jyutping in the letters of Macau, which are of Portuguese: Ieong, Kuok, Lao.
MACAU_STARTS = {
    "gw": "ku", "kw": "ku", "z": "ch", "c": "ch", "j": "i", "g": "k", "d": "t", "b": "p",
}  # fmt: skip
MACAU_ENDS = {
    "aa": "a", "aai": "ai", "aau": "ao", "au": "ao", "aam": "am", "aan": "an", "aang": "ang",
    "aap": "ap", "aat": "at", "aak": "ak", "ing": "eng", "ik": "ek", "iu": "io", "oeng": "eong",
    "oek": "eok", "eoi": "oi", "eon": "on", "eot": "ot", "ung": "ong", "uk": "ok", "yu": "u",
    "yun": "un", "yut": "ut",
}  # fmt: skip

# Read otherwise as a Korean surname.
KOREAN_SURNAMES = {
    "金": "김",
    "李": "이",
    "柳": "유",
    "刘": "유",
    "卢": "노",
    "罗": "나",
    "吕": "여",
    "梁": "양",
}

# What a character writes in a foreign name where its own vowel is put in.
TRANSCRIBED = {
    "爱": "e", "班": "ben", "邦": "bon", "波": "po", "顿": "ton", "敦": "don", "凡": "van",
    "佛": "fo", "冈": "gon", "葛": "g", "戈": "go", "格": "g", "根": "gen", "加": "ga",
    "嘉": "ga", "贾": "ja", "简": "jan", "怀": "wai", "惠": "wi", "华": "wa", "康": "kon",
    "科": "ko", "柯": "ko", "孔": "kon", "寇": "ko", "伦": "len", "龙": "lon", "隆": "lon",
    "朗": "lan", "麦": "mai", "蒙": "mon", "庞": "pon", "齐": "zi", "强": "jon", "乔": "jo",
    "琼": "jon", "若": "jo", "森": "sen", "逊": "son", "孙": "son", "松": "son", "士": "s",
    "施": "s", "汤": "tom", "通": "ton", "东": "don", "沃": "wo", "西": "si", "锡": "si",
    "辛": "sin", "休": "hu", "雅": "ya", "扬": "yan", "耶": "ye", "尤": "yu", "英": "in",
    "因": "in", "詹": "jam", "珍": "jen", "芝": "ji", "治": "j", "翰": "hn", "瓦": "va",
    "万": "van", "文": "vin", "温": "wen", "韦": "we", "福": "fo", "霍": "ho", "洪": "hon",
    "尔": "l", "克": "k", "特": "t", "德": "d", "斯": "s", "夫": "f", "弗": "f", "布": "b",
    "姆": "m", "普": "p", "茨": "ts", "兹": "z", "什": "sh", "恩": "n", "赫": "h",
    "勒": "l", "伊": "i", "乌": "u", "亚": "a", "维": "vi", "威": "wi", "约": "yo", "史": "s",
    "希": "hi", "吉": "gi", "金": "kin", "基": "ki", "伍": "wu", "奥": "o", "艾": "e", "厄": "er",
    "丘": "chu", "泽": "z", "佐": "zo", "图": "tu", "杜": "du", "卜": "b", "蒂": "ti", "迪": "di",
    "杰": "je", "哲": "je", "朱": "ju", "尼": "ni", "柏": "b", "伯": "b", "珀": "p", "则": "z",
    "色": "s", "瑟": "s", "塞": "se", "穆": "m", "默": "m", "冯": "von", "范": "van", "翁": "on",
}  # fmt: skip
