"""The parts of what was written: sentences, and questions joined by "and"; told apart from mere context."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.guards.grounding.sentences import split_sentences

_MAX_PARTS = 24
_ASKING = (
    r"(?:what|who|whom|whose|which|when|where|why|how|is|are|was|were|do|does|did|can|could|will|would|shall|should|may"
    r"|must|have|has|tell|give|show|write|draft|explain|find|book|play|recommend|suggest|translate|summari[sz]e|compare"
    r"|make|list|help|set|order|buy|call|send|solve|calculate|convert)"
)
# "What is your returns policy and who won the match?" asks for two things.
_JOINT = re.compile(
    rf"(?:,|;)?\s+(?:and|but|plus|also|or)(?:\s+(?:also|then|please))?\s+(?={_ASKING}\b)", re.IGNORECASE
)
_REQUEST = re.compile(rf"^\W*(?:(?:and|but|also|so|then|ok|okay|oh|please|now)\b\W*)*{_ASKING}\b", re.IGNORECASE)
# What points back is about the same thing, and what names nothing is about nothing else.
_POINTS_BACK = re.compile(
    r"\b(?:it|its|that|this|they|them|their|these|those|one|ones|he|him|his|she|her|so|same|there|then|instead|else)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_GENERAL_WORDS = """
    what who whom whose which when where why how is are was were do does did can could will would shall should may
    must have has tell give show explain find help make please and but also or then the a an my me i you your we us our
    to of for in on at by with from about be been am not no if any some know want need like get go let best good way
    long much many often fast soon advice possible allowed thanks thank check sure happen happens next mean means take
    answer question questions advise tips ask again details say said information more steps first last now today
"""
_GENERAL = frozenset(_GENERAL_WORDS.split())
# What a text is, how it is made into another, and how that is to be: words that name no subject.
_WORDS_OF_TEXTS = """
    text texts document documents doc docs file files attachment attached page pages note notes article email e mail
    letter message report transcript passage passages section sections part parts paragraph paragraphs sentence
    sentences word words line lines table list lists content contents above below following rest whole entire
    everything all both each heading headline headlines title titles introduction background conclusion conclusions
    summarise summarize summarises summarizes summarised summarized summarising summarizing summary summaries sum up
    recap overview outline gist essence synopsis digest abstract tl dr tldr nutshell brief briefly concise concisely
    short shorter shortest shorten long longer length condense condensed cut down trim roughly exactly more less than
    key main major central important relevant essential essentials subject matter point points takeaway takeaways
    highlight highlights bullet bullets thing things worth knowing
    rewrite rewritten reword rephrase paraphrase edit improve polish proofread correct fix tidy turn convert change
    version another new different same again write draft compose create produce generate prepare provide put read
    post posts based social media blog newsletter press release caption blurb tagline slogan copy advert ad description
    style tone voice format form friendly formal informal polite professional neutral lively catchy engaging plain
    plainly simple simpler simply clear clearer clearly easy easier readable understand language english
    kind kindly quick quickly most least only just very really own this that these those it its them they here there
    first second third one two three four five six seven eight nine ten out into as like using use without within
    says tells let s t re ll ve d m
"""
_OF_TEXTS = _GENERAL | frozenset(_WORDS_OF_TEXTS.split())
# "My e-mail is [EMAIL_1]," is no part of what is asked.
_CLAUSE = re.compile(r"[^,.;:!?]+[,.;:!?]?")
_PLACEHOLDER = re.compile(r"\[[A-Z_]{1,40}_\d{1,9}\]")


def parts_of(text: str) -> tuple[str, ...]:
    """What can be read by itself in `text`, without repeats; nothing where that is the whole of it."""
    parts = _cut(text)
    parts += [rest] if (rest := unmasked(text).strip()) else []
    return tuple(part for part in dict.fromkeys(parts) if part.strip() and part != text.strip())[: 2 * _MAX_PARTS]


def questions_of(text: str) -> tuple[str, ...]:
    """The questions in `text` that each can be understood alone; the whole of it where it asks for one thing."""
    parts = list(dict.fromkeys(stripped for part in _cut(text) if (stripped := part.strip())))
    return tuple(parts) if len(parts) > 1 and all(asked_beside(part, text) for part in parts) else (text,)


def _cut(text: str) -> list[str]:
    return [part for sentence in split_sentences(text)[:_MAX_PARTS] for part in _JOINT.split(sentence)]


def asked_beside(part: str, text: str) -> bool:
    """Whether `part` of `text` is a request of its own: it names a thing and points at nothing said before."""
    if part not in text or not (_REQUEST.match(part) or part.rstrip().endswith("?")) or _POINTS_BACK.search(part):
        return False
    return any(word.lower() not in _GENERAL for word in _WORD.findall(part))


def names_nothing(text: str) -> bool:
    """Whether `text` is a general instruction, as "Give me the key points": each of its words suits any subject."""
    words = _WORD.findall(text)
    return bool(words) and all(word.lower() in _OF_TEXTS for word in words)


def less(text: str, parts: Sequence[str]) -> str:
    """`text` less `parts` and the "and" that joined them."""
    if not parts:
        return text
    kept = [" and ".join(_kept(sentence, parts)) for sentence in split_sentences(text)]
    return " ".join(sentence for sentence in kept if sentence) or text


def unmasked(text: str) -> str:
    """`text` without the clauses in which something was masked."""
    return _CLAUSE.sub(lambda clause: " " if _PLACEHOLDER.search(clause.group()) else clause.group(), text)


def _kept(sentence: str, parts: Sequence[str]) -> Iterator[str]:
    return (part for part in _JOINT.split(sentence) if part not in parts)
