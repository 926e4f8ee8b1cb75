"""What a claim adds that no evidence says: advice nobody gave, praise nobody wrote, words nobody is quoted with."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.guards.grounding.numbers import with_digits
from assistant.guards.grounding.words import words_of

_PERSON = r"(?:patient|client|she|he|mother|father|parents?|woman|man|child|boy|girl|son|daughter)"
_ADVISING = re.compile(
    rf"""\b(?:advis(?:e[sd]?|ing)|recommend(?:s|ed|ing)?|suggested(?!\s+that\s+the\s+results?)|urged|instructed|told\s+to|prescribed|ordered\s+to)\b
    |\b(?:doctor|physician|clinician|nurse|surgeon|therapist|pharmacist|GP|Dr\.?\s+\w+|{_PERSON})\s+(?:also\s+|now\s+)?suggests?\b
    |\b{_PERSON}\s+(?:also\s+|now\s+|really\s+)?(?:should|must|ought\s+to|needs?\s+to|ha(?:s|ve)\s+to)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_GUIDING = re.compile(
    r"""\b(?:advi[sc]e\w*|recommend\w*|suggest\w*|urge\w*|instruct\w*|told|tell|prescri\w+|should|must|ought|need\w*|ha(?:s|ve)\s+to|had\s+to|let(?:'s|\s+us)|please|would\s+like|want\s+you|will|shall|going\s+to|plan\w*|require\w*|important|better\s+(?:to|if)|best\s+to|try\w*|refer\w*|book\w*|arrang\w*|ask\w*\s+(?:you|him|her|the\s+patient)\s+to|can\s+(?:start|stop|go|have|take))\b
    |(?:^|[.:;!,–-]\s*|\b(?:and|then|so|but|or|if\s[^,.]*,)\s+)(?:do\s+not|don't|never|always|keep|take|stop|start|avoid|use|drink|eat|rest|come|call|go|see|make|return|contact|wear|apply|continue|increase|reduce|cut|put|bring|check|follow|give|write|do|get|have)\b""",
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
_PRAISE = re.compile(
    r"\b(?:affordabl|inexpensiv|cheap|economical|popular(?!ly|it|i[sz])|perfect|ideal|excellent|superb|outstanding|exceptional|unbeatabl|beautiful|elegant|stylish|gorgeous|stunning|luxur|premium|reliabl|durabl|sustainabl|eco-?friendl|environmentally\s+friendl|award-?winning|innovativ|revolutionar|world-?class|state-of-the-art|best-?selling|trusted|proven|effortless|delicious|famous|renowned)\w*",
    re.IGNORECASE,
)
_QUOTATION = re.compile(r"[\"“„«]([^\"“”„«»]{3,400})[\"”“»]|(?:(?<=\s)|^)['‘](\w[^‘’']{8,400}(?:['’]\w[^‘’']*)*)['’](?=[\s.,;:!?)]|$)")  # fmt: skip
_REPORTING = re.compile(
    r"^\W*(?:as\s+)?(?:an?|one|another|the|this)\s+(?:(?!only|other)[a-z]+\s+)?(?:customer|reviewer|review|comment|buyer|shopper|patient|user|visitor|doctor|guest)\s+(?:also\s+)?(?:wrote|writes|says?|said|puts?\s+it|comments|commented|reports|reported|states|stated|notes|noted|reads)\W*(?:that)?\W*$",
    re.IGNORECASE,
)
_ONLY = re.compile(r"(?<!not )\b(?:only|solely|exclusively)\b(?!\s+(?:[€£$]?\d|one\b|a\b))", re.I)
_LICENSES_ONLY = re.compile(
    r"\b(?:only|solely|exclusively|alone|unless|except\w*|excluding|not|no|none|never|cannot|without|nothing|\w+n['’]t|(?:other|apart)\s+(?:than|from)|just|must|limited|restricted|single|sole)\b",
    re.IGNORECASE,
)
_EVERY = re.compile(
    r"\b(?:every(?:thing|one|body|where)?|anything|anyone|anybody|always|forever|any|whatever|eternally|unlimited|lifelong|lifetime)\b",
    re.I,
)
_LICENSES_EVERY = re.compile(
    r"\b(?:all|each|every\w*|any\w*|always|forever|whole|entire\w*|never|no|none|nothing|nobody|whatever|most|unlimited|lifelong|lifetime|without\s+exception|both|[a-z]{3,}est|daily|hourly|weekly|monthly|yearly|annually|\d+\s*%|\d+\s+(?:out\s+)?of\s+(?:the\s+)?\d+)\b",
    re.IGNORECASE,
)
_CONDITIONAL = re.compile(r"\b(?:not|no|never|without|cannot|\w+n['’]t|if|whether|den(?:y|ies|ied))\b", re.I)
_TAIL = re.compile(
    r"\b(?P<number>\d+(?:[.,]\d+)?)[\s-]+(?:(?:working|business|calendar)\s+)?(?:minute|hour|day|week|month|year)s?\s+(?:of|from|after|before|following|since)\s+(?P<tail>[^.;:,!?]+)",
    re.I,
)
_ALIKE = (("deliv", "recei", "arriv", "got", "get", "reach"), ("purch", "buy", "order", "bough"))
_AGE = re.compile(r"\b(?P<number>\d+(?:[.,]\d+)?)[\s-]+(?:year|month|week|day)s?[\s-]+olds?\b", re.I)
_SHOWS_AGE = re.compile(r"\b(?:olds?|aged?|ages|born|birth\w*)\b", re.I)
_DIFFERENCE = re.compile(
    r"\b(?P<number>\d+(?:[.,]\d+)?)(?:\s*%|\s*[a-zµ€£$-]+){0,3}\s+(?:more|less|fewer|[a-z]{2,}er)\b[^.;!?]*?\bthan\s+(?!\d)",
    re.I,
)
_SHOWS_DIFFERENCE = re.compile(
    r"\b(?:than|compar\w*|differ\w*|extra|additional\w*|exceed\w*|longer|shorter|beyond)\b", re.I
)
_CLAUSE = re.compile(
    r"(?:[,;–—]\s*(?:and|or|but|so|because|since|while|otherwise|yet)(?:\s+else)?\s+|\s+(?:and|or|but)\s+(?=(?:so|it|they|we|you|he|she)\b)|;\s+|\s+because\s+)",
    re.I,
)
_LIKEWISE = re.compile(
    r"(?:,\s*|\s+)and\s+(?:so\s+(?:can|is|are|do|does|will|must|may|have|has)\s+(?P<so>[^.,;!?]+)|(?P<too>(?:\w+\s+){1,5}?)(?:too|as\s+well|also|likewise))\W*$",
    re.IGNORECASE,
)
_FILLING = frozenset({"ones", "one", "items", "too", "also", "well", "likewise", "else", "likes"})
_SPEAKER = re.compile(r"^(?P<who>[^\W\d_][\w .'-]{0,30}):\s+(?=\S)")
_SPOKEN = re.compile(r"\b(?:I|I['’](?:m|ve|ll|d)|me|my|mine|myself)\b|\b(?:you|your|we|our|us)\b", re.I)
_IN_FIRST_PERSON = re.compile(r"\bI\b|\b(?:[Mm]e|[Mm]y|[Mm]ine|[Mm]yself)\b")
_FEW_WORDS = 4  # A shorter quotation may be a title or a term.
_STEM = 6


def unshown_advice(claim: str, evidence: Sequence[str]) -> bool:
    """Whether `claim` reports advice or tells a person what to do while nothing in `evidence` guides anybody."""
    return bool(_ADVISING.search(claim)) and not any(_GUIDING.search(text) for text in evidence)


def unshown_praise(claim: str, evidence: Sequence[str]) -> bool:
    """Whether `claim` values something ("affordable", "reliable") in a word that `evidence` never uses."""
    praise = [match.group().lower() for match in _PRAISE.finditer(claim)]
    return bool(praise) and not all(any(word[:_STEM] in text.lower() for text in evidence) for word in praise)


def unshown_quotation(claim: str, evidence: Sequence[str]) -> bool:
    """Whether `claim` quotes four words or more that do not stand in `evidence` in that order."""
    shown = [_plain(text) for text in evidence]
    return any(not _stands(words, shown) for words in _quotations(claim) if len(words.split()) >= _FEW_WORDS)


def unshown_speech(claim: str, evidence: Sequence[str]) -> bool:
    """Whether `claim` speaks as somebody in a dialogue ("Doctor: …", "I …") in words that do not stand in `evidence`."""
    speaks = _SPEAKER.match(claim)
    if not speaks and not _IN_FIRST_PERSON.search(claim):
        return False
    lines = [(match["who"].lower(), text) for text in evidence if (match := _SPEAKER.match(text))]
    speakers = {who for who, text in lines if _SPOKEN.search(text)}  # "Weight: 2 kg" is a fact, nobody's words.
    if not speakers or (speaks and speaks["who"].lower() not in speakers and not _IN_FIRST_PERSON.search(claim)):
        return False
    return not _stands(_plain(claim[speaks.end() :] if speaks else claim), [_plain(text) for text in evidence])


def is_quotation(claim: str, evidence: Sequence[str]) -> bool:
    """Whether `claim` says no more than that somebody wrote what `evidence` holds word for word."""
    quoted = _quotations(claim)
    shown = [_plain(text) for text in evidence]
    return (
        bool(quoted)
        and all(len(words.split()) >= _FEW_WORDS - 1 and _stands(words, shown) for words in quoted)
        and bool(_REPORTING.match(_QUOTATION.sub(" ", claim).strip(" .,:;!?")))
    )


def unlicensed_scope(claim: str, evidence: Sequence[str]) -> bool:
    """Whether `claim` says "only", "everything" or "any" where nothing about the matter in `evidence` is as wide."""
    only = _ONLY.search(claim)
    wide = _EVERY.search(claim) and not _CONDITIONAL.search(claim)
    if not only and not wide:
        return False
    named = _beginnings(claim)
    near = [text for text in evidence if named & _beginnings(text)]
    if only and not any(_LICENSES_ONLY.search(text) for text in near):
        return True
    return bool(wide) and not any(_LICENSES_EVERY.search(with_digits(text)) for text in near)


def unshown_relation(claim: str, evidence: Sequence[str]) -> bool:
    """Whether a figure of `claim` hangs on another thing than in `evidence`: an age, a difference, "days of purchase"."""
    said = with_digits(claim)
    if not any(hanging.search(said) for hanging in (_TAIL, _AGE, _DIFFERENCE)):
        return False
    shown = [with_digits(text) for text in evidence]
    return (
        any(not _shows_tail(match["number"], match["tail"], shown) for match in _TAIL.finditer(said))
        or any(not _shows_age(match["number"], shown) for match in _AGE.finditer(said))
        or any(
            not any(_SHOWS_DIFFERENCE.search(text) for text in _holding(match["number"], shown))
            for match in _DIFFERENCE.finditer(said)
        )
    )


def unshown_clause(claim: str, evidence: Sequence[str]) -> bool:
    """Whether a clause that `claim` joins on ("…, or they will be destroyed", "… and so can gift cards") is nowhere said."""
    likewise, clauses = _LIKEWISE.search(claim), _CLAUSE.split(claim)[1:]
    if not likewise and not clauses:
        return False
    shown = [_beginnings(text) for text in evidence]
    if likewise:
        named = _beginnings(likewise["so"] or likewise["too"])
        numbers = _numbers(claim)
        if named and not any(
            named <= there and numbers <= _numbers(text) for there, text in zip(shown, evidence, strict=True)
        ):
            return True
    everywhere = frozenset[str]().union(*shown)
    for clause in clauses:
        words = _beginnings(clause)
        if words and 2 * len(words - everywhere) > len(words):
            return True
    return False


def _shows_tail(number: str, tail: str, shown: Sequence[str]) -> bool:
    holding = _holding(number, shown)
    meant = next(iter(_ordered(" ".join(tail.split()[:4]))), None)
    if meant is None or not holding:
        return True
    alike = next((group for group in _ALIKE if meant.startswith(group)), (meant,))
    tails = [match["tail"] for text in holding for match in _TAIL.finditer(text) if match["number"] == number]
    return any(stem.startswith(alike) for text in tails or holding for stem in _beginnings(text))


def _shows_age(number: str, shown: Sequence[str]) -> bool:
    holding = _holding(number, shown)
    bare = re.compile(rf"(?<![\d.,]){re.escape(number)}(?![\d.,]*\d)(?![\s-]+(?:year|month|week|day))", re.I)
    return not holding or any(_SHOWS_AGE.search(text) or bare.search(text) for text in holding)


def _holding(number: str, shown: Sequence[str]) -> list[str]:
    return [text for text in shown if number in _numbers(text)]


def _numbers(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\d+(?:[.,]\d+)*", with_digits(text)))


def _beginnings(text: str) -> frozenset[str]:
    return frozenset(_ordered(text))


def _ordered(text: str) -> list[str]:
    words = words_of(" ".join(word for word in text.split() if word.strip(".,;!?").lower() not in _FILLING))
    return [stem[:5] for stem in words.stems]


def _quotations(text: str) -> list[str]:
    return [_plain(match[1] or match[2]) for match in _QUOTATION.finditer(text)]


def _stands(words: str, shown: Sequence[str]) -> bool:
    return any(f" {words} " in f" {text} " for text in shown)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower().replace("’", "'").replace("'", "")))
