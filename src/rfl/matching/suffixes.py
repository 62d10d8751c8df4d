"""Endings that say sex, descent or language, not who: -ova, -ska, -ovich, -ogly.

Gender folds away on both sides. A patronymic and an article written together give one more
form, which counts a little less than the name as written.
"""

import re

from rfl.matching.scripts import Script

_SLAVIC = frozenset({Script.LATIN, Script.CYRILLIC})
_FEMININE = re.compile(r"(?<=..[oe][vw])a$")
_ADJECTIVE = re.compile(r"(?<=..[sckz]k)(?:aya|aia|aja|yj|iy|ij|yi|oi|oy|i|y|a)$")
_DESCENT = re.compile(r"(?<=...)(?:ogl[yiu]|oghl[iyu]|ugli|ghyzy|gyzy|kyzy|qizi|kizi|gizi|uulu)$")
_PATRONYMIC = re.compile(r"^(...*?)y?(?:[oe]v|i)(?:ich|itch|ych|yvych|na|ichna|ychna)$")
_ARTICLE = re.compile(r"^[ae]l(?=[bcdfghjkmnpqrstvwxyz]\w{4,})")
_ABD = re.compile(r"^abd(?:[aeiou]{0,2}l|[aeiou]{1,2}([rnsztd])(?=\1)|[ei])?(?=\w{2})")


def main_form(script: Script, roman: str) -> str:
    """The roman form without what only marks sex or descent; abd al-X in one spelling."""
    if roman.startswith("abd") and len(roman) > 5:
        return "abd" + _ABD.sub("", roman)
    if script not in _SLAVIC or len(roman) < 5 or roman[-1] not in "aiyju":
        return roman
    bare = _DESCENT.sub("", roman)
    bare = _FEMININE.sub("", bare)
    return _ADJECTIVE.sub("i", bare)


def other_form(script: Script, roman: str) -> str | None:
    """A second reading: the father's name in a patronymic, the name behind a joined article."""
    if script not in _SLAVIC or len(roman) < 7:
        return None
    if match := _PATRONYMIC.match(roman):
        return match.group(1)
    if script is Script.LATIN and _ARTICLE.match(roman):
        return _ARTICLE.sub("", roman)
    return None
