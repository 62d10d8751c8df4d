"""What lists call the months and seasons, and the words around a date, by language and script.

Spellings stand in any form: `written_dates` compares them without case, accents, articles, spaces
and variants of the same letter. Each month is one line of names, `|` between them.
"""

from rfl.domain.calendars import Calendar

# English, French, Spanish, Portuguese, German, Macedonian, Serbian, Bulgarian, Russian, Ukrainian,
# Arabic (Egyptian, Levantine, Maghrebi), Persian, Dari; Roman numerals as used in the Balkans.
_GREGORIAN = (
    """january|jan|janvier|janv|enero|ene|janeiro|januar|jänner|januari|i|јануари|јануар|януари
    |январь|января|янв|січень|січня|يناير|كانون الثاني|جانفي|ژانویه|جنوری|kanun al-thani
    |kanoun al-thani|yanayir""",
    """february|feb|février|févr|febrero|fevereiro|februar|fevruari|ii|фебруари|фебруар|февруари
    |февраль|февраля|фев|лютий|лютого|فبراير|شباط|فيفري|فوریه|فبروری|shubat|shbat|fibrayir""",
    """march|mar|mars|marzo|março|märz|mart|iii|март|марта|березень|березня|مارس|آذار|مارچ
    |adhar|azar|athar""",
    """april|apr|avril|avr|abril|abr|iv|април|апрель|апреля|апр|квітень|квітня|أبريل|إبريل|نيسان
    |أفريل|آوریل|اپریل|nisan|nissan""",
    """may|mai|mayo|maio|maj|v|мај|май|мая|травень|травня|مايو|أيار|ماي|مه|می|ayyar|ayar""",
    """june|jun|juin|junio|junho|juni|vi|јуни|јун|юни|июнь|июня|июн|червень|червня|يونيو|يونية
    |حزيران|جوان|ژوئن|جون|haziran|hazeran|huzayran|yunyu""",
    """july|jul|juillet|juil|julio|julho|juli|vii|јули|јул|юли|июль|июля|июл|липень|липня|يوليو
    |يولية|يوليوز|تموز|جويلية|ژوئیه|جولای|جولایی|tammuz|tamuz|tammouz|yulyu""",
    """august|aug|août|agosto|ago|avgust|viii|август|августа|авг|серпень|серпня|أغسطس|آب|أوت|غشت
    |اوت|اگست|ab|aab|aghustus""",
    """september|sept|sep|septembre|septiembre|setiembre|setembro|septemvri|septembar|ix|септември
    |септембар|сентябрь|сентября|сен|вересень|вересня|سبتمبر|أيلول|شتنبر|سپتامبر|سپتمبر|aylul
    |ayloul|eylul""",
    """october|oct|octobre|octubre|outubro|out|oktober|okt|oktomvri|oktobar|x|октомври|октобар
    |октябрь|октября|окт|жовтень|жовтня|أكتوبر|تشرين الأول|اکتبر|اکتوبر|tishrin al-awwal
    |tishreen al-awwal|tishrin al-awal""",
    """november|nov|novembre|noviembre|novembro|noemvri|novembar|xi|ноември|новембар|ноябрь|ноября
    |ноя|листопад|листопада|نوفمبر|تشرين الثاني|نونبر|نوامبر|نومبر|tishrin al-thani
    |tishreen al-thani""",
    """december|dec|décembre|déc|diciembre|dic|dezembro|dez|dezember|dekemvri|decembar|xii|декември
    |децембар|декабрь|декабря|дек|грудень|грудня|ديسمبر|كانون الأول|دجنبر|دسامبر|دسمبر
    |kanun al-awwal|kanoun al-awwal|kanun al-awal""",
)
# Iranian, Dari and Pashto names.
_SOLAR_HIJRI = (
    "farvardin|hamal|wray|فروردین|حمل|وری",
    "ordibehesht|ardibehesht|sawr|saur|thawr|sowr|ghwayay|اردیبهشت|ثور|غویی",
    "khordad|jawza|jauza|jowza|ghbargolay|خرداد|جوزا|غبرګولی",
    "tir|saratan|chungash|تیر|سرطان|چنګاښ",
    "mordad|amordad|asad|zmaray|مرداد|امرداد|اسد|زمری",
    "shahrivar|shahrivor|sunbula|sonbola|sunbola|sumbula|wazhay|شهریور|سنبله|وږی",
    "mehr|mizan|tala|مهر|میزان|تله",
    "aban|aqrab|laram|آبان|عقرب|لړم",
    "azar|qaws|qaus|qows|lindai|آذر|قوس|لیندۍ",
    "dey|dai|jadi|jadee|jaddi|marghumay|دی|جدی|مرغومی",
    "bahman|dalw|dalwa|dalv|salwagha|بهمن|دلو|سلواغه",
    "esfand|isfand|hut|hoot|kab|اسفند|حوت|کب",
)
_ISLAMIC_HIJRI = (
    "muharram|moharram|محرم|محرم الحرام",
    "safar|صفر",
    """rabi al-awwal|rabi al-awal|rabiulawwal|rabi i|ربيع الأول|ربيع الاول""",
    """rabi al-thani|rabi ath-thani|rabi as-sani|rabi al-akhir|rabiussani|rabi ii|ربيع الثاني
    |ربيع الآخر""",
    """jumada al-ula|jumada al-awwal|jumada al-awal|jumadi al-awwal|jamadi al-awwal|jumada i
    |جمادى الأولى|جمادى الأول""",
    """jumada al-thani|jumada al-thaniyah|jumada al-thaniya|jumada ath-thaniyah|jumada al-akhirah
    |jumada al-akhira|jumadi as-sani|jamadi as-sani|jumada ii|جمادى الثانية|جمادى الآخرة
    |جمادى الثاني""",
    "rajab|رجب",
    "shaban|shaaban|sha'ban|شعبان",
    "ramadan|ramazan|ramadhan|رمضان",
    "shawwal|shawal|shavval|شوال",
    """dhu al-qadah|dhu al-qa'dah|dhul-qadah|dhul-qada|dhul-qidah|zulqadah|zulqada|zilqad|ذو القعدة
    |ذي القعدة|ذیقعده""",
    """dhu al-hijjah|dhu al-hijja|dhul-hijjah|dhul-hijja|zulhijjah|zulhijja|zilhaj|zilhajj
    |ذو الحجة|ذي الحجة|ذیحجه""",
)
# Amharic and Tigrinya names.
_ETHIOPIAN = (
    "meskerem|mäskäräm|መስከረም",
    "tikimt|tikemt|teqemt|tiqimti|ṭəqəmt|ጥቅምት|ጥቅምቲ",
    "hidar|hedar|ኅዳር|ህዳር|ሕዳር",
    "tahsas|tahesas|tahisas|ታኅሣሥ|ታኅሳስ|ታህሳስ|ታሕሳስ",
    "tir|ter|tirr|tiri|ጥር|ጥሪ",
    "yekatit|lekatit|የካቲት|ለካቲት",
    "megabit|magabit|መጋቢት",
    "miyazya|miyazia|miazia|ሚያዝያ|ሚያዚያ",
    "ginbot|genbot|ግንቦት",
    "sene|ሰኔ|ሰነ",
    "hamle|ሐምሌ|ሓምለ",
    "nehase|nehasse|nahase|ነሐሴ|ነሃሴ|ነሓሰ",
    "pagume|pagumen|pagumē|ጳጉሜ|ጳጉሜን|ጳጉሜን",
)
MONTHS = {
    Calendar.GREGORIAN: _GREGORIAN,
    Calendar.SOLAR_HIJRI: _SOLAR_HIJRI,
    Calendar.ISLAMIC_HIJRI: _ISLAMIC_HIJRI,
    Calendar.ETHIOPIAN: _ETHIOPIAN,
}
# Spring, summer, autumn, winter.
SEASONS = (
    """spring|printemps|primavera|frühling|prolet|proleće|пролет|пролеће|весна|весной|ربيع|بهار
    |bahar""",
    """summer|été|verano|verão|sommer|leto|лето|летом|літо|صيف|تابستان|tabestan|tabistan""",
    """autumn|fall|automne|otoño|outono|herbst|esen|jesen|есен|јесен|осень|осенью|осінь|خريف|خزان
    |پاییز|khazan|paiz""",
    """winter|hiver|invierno|inverno|zima|зима|зимой|شتاء|زمستان|zemestan|zimistan""",
)
ABOUT = """about|abt|approximately|approx|around|circa|ca|c|est|estimated|roughly|environ|vers
    |alrededor|hacia|aproximadamente|cerca|etwa|ungefähr|oko|okolu|около|околу|примерно|приблизно
    |حوالي|نحو|تقريبا|حوالی|حدود|taqriban"""
PERHAPS = """perhaps|maybe|possibly|probably|peut-être|quizás|možda|можеби|можда|возможно|ربما
    |شاید|shayad"""
# Said around a date without changing it: of, the, year, month, and the ends of ordinals.
FILLERS = """of|the|in|year|month|st|nd|rd|th|er|o|de|del|en|le|année|año|ano|г|год|года|году
    |година|године|р|року|рік|godina|godine|al|el|ul|as|ath|عام|سنة|سال|ماه|شهر|برج|መት|አመት"""
# Era marks are fillers only where they agree with the calendar named.
ERAS = {
    Calendar.GREGORIAN: "ad|ce|gc|م|ميلادي|ميلادية|میلادی|miladi",
    Calendar.SOLAR_HIJRI: "sh|hs|ش|هش|شمسی|هجری|خورشیدی|shamsi|khorshidi",
    Calendar.ISLAMIC_HIJRI: "ah|h|ه|هق|ق|هجري|هجرية|قمری|hijri|qamari",
    Calendar.ETHIOPIAN: "ec|ዓም",
}
