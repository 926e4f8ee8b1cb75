"""What is written like a name and names nobody: medicines, abbreviations, words cut off, and diseases."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.guards.people.words import fold, is_name, names

NAMING = re.compile(
    r"\b(?:name[ds]?|call(?:ed)?|i['’]?m|i am|this is|chiamo|under|ask|spe[ao]k|talked|tell|dr|mr|mrs|ms|dear|hi"
    r"|wife|husband|son|daughter|brother|sister|mother|father|mom|dad|aunt|uncle|friend|partner|boss|colleague)\b",
    re.IGNORECASE,
)
"""What introduces somebody."""
_BRANDED = re.compile(r"(?!(?:Ma?c|De|Di|Da|Du|La|Le|Van|Fitz|Jo|Mary|Ann)[A-Z])[A-Z][a-z]+[A-Z][a-z]+\Z")
_DOSED = re.compile(r",? (?:to )?\d[\d.,]{0,8} ?(?:mg|mcg|g|ml|iu|units?|%)(?!\w)", re.IGNORECASE)
_TAKEN = re.compile(
    r"\b(?:allergic to|allergy to|takes?|taking|took|taken|prescribed|prescribe|starts?|started|began|finished|stopped"
    r"|(?:is|am|are|was|were|been|he['’]s|she['’]s|i['’]m|they['’]re|(?:put|started) (?:me|him|her|them)) on"
    r"|(?:mg|mcg|ml|dose|doses|tablets?|course|injections?|units?) of|m ?g of) (?:the |some |my |her |his )?\Z",
    re.IGNORECASE,
)
_SOMEWHERE = re.compile(r" (?:to|home|back|out|away|with me|along)\b", re.IGNORECASE)  # "I took Ozan to school."
_TAKEN_REACH = 40  # Characters before a word in which it is said to be taken.
_CUT_OFF = re.compile(r"-(?!\w)")  # "some mel- um, some pills", as talk is written down.
_EPONYM = re.compile(
    r"(?:['’]s?)? (?:disease|syndrome|palsy|phenomenon|thyroiditis|lymphoma|sarcoma|chorea|contracture|o?edema"
    r"|disorder|cyst|sign|reflex|maneuver|manoeuvre|stage|score|scale|criteria|rules?|classification)\b",
    re.IGNORECASE,
)
_SUFFERED = re.compile(r"\b(?:had|has|have|having|got|gets|with|and|or) \Z", re.IGNORECASE)
_OWNING_NOTHING = re.compile(r"['’]s(?=[.,;:!?)]|\s*\Z|\n| (?:and|or|but|so|too|for|since|as well|in the family)\b)")
_WHOLE = re.compile(r"(?:\A|[.!:\n]\s{0,3}|[.!:\n]\s{0,3}[\"“*•-]\s{0,2})\Z")
_ENDED = re.compile(r"[.!]?\s*(?:\Z|\n)|[.!]\s")
_STANDARD = re.compile(
    r"\b(?:DIN|EN|ISO|IEC|ASTM|ANSI|ASME|IEEE|NIOSH|NFPA|NEMA|SAE|AISI|UL|CSA|BS|UNI|NF|VDE|VDI|JIS|ETSI|CEN|GOST|RFC)"
    r"(?:[ /-](?:DIN|EN|ISO|IEC|ASTM|ASME|ANSI|IEEE|CSA|UL|VDE)){0,3}"
    r"[ -]?[A-Z]{0,2}[ -]?\d{2,6}[A-Z]?(?:[:.-]\d{1,4})*(?!\w)"
)
_INTRODUCING_REACH = 60  # Characters before an answer in which it may be said that a name comes.
_LONGEST_ABBREVIATION = 6


def names_nobody(words: Sequence[str], text: str, start: int, end: int, *, shouted: bool) -> bool:
    """Whether `words`, which stand in `text` from `start` to `end` without a title, are no person's name.

    In a text that is `shouted`, all in capitals, capitals are no sign of an abbreviation.
    """
    if all(len(word) == 1 for word in words):
        return True  # "M R I" is spelt out, and a person's initials alone name nobody without a title.
    if is_eponym(words[0], text, end):
        return True
    if len(words) > 1:
        return False
    word, before = words[0], text[max(start - _TAKEN_REACH, 0) : start]
    if word.islower() and _CUT_OFF.match(text, end):
        return True
    if not _is_common(word) and _OWNING_NOTHING.match(text, end) and _SUFFERED.search(before):
        return True  # "She had Hodgkin's." Whose what is not said, since it is an illness.
    return not is_name(word) and _is_thing(word, text, start, end, shouted=shouted)


def standards(text: str) -> list[tuple[int, int]]:
    """Where `text` names a standard by its body and number: "EN ISO 20345:2011"."""
    return [match.span() for match in _STANDARD.finditer(text)]


def is_eponym(word: str, text: str, end: int) -> bool:
    """Whether what follows `end` makes `word` the name of a disease or a sign; a common first name may own one."""
    return _EPONYM.match(text, end) is not None and not _is_common(word)


def _is_common(word: str) -> bool:
    return fold(word) in names("common_given_names.txt")


def _is_thing(word: str, text: str, start: int, end: int, *, shouted: bool) -> bool:
    """Whether a word that no list of names holds is a brand, a medicine, an abbreviation or a sentence of its own."""
    if _BRANDED.match(word) or _DOSED.match(text, end):
        return True  # "MiraLax" and "LinkedIn" are made up; "McLeod" and "DeShawn" are not.
    before = text[max(start - _INTRODUCING_REACH, 0) : start]
    if _TAKEN.search(before[-_TAKEN_REACH:]) and not _SOMEWHERE.match(text, end):
        return True
    if word.isupper() and (text[end : end + 1] == ":" or (not shouted and len(word) <= _LONGEST_ABBREVIATION)):
        return NAMING.search(before[-12:]) is None
    alone = _WHOLE.search(before) is not None and _ENDED.match(text, end) is not None
    return alone and NAMING.search(before) is None
