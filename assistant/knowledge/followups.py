"""Follow-up questions made to stand alone from the turns before, without a model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.messages import Message

MAX_TURNS = 4  # How far back a chain of follow-ups is followed.
MAX_WORDS = 40  # Whoever writes more has said what it is about; of an earlier turn only so much is repeated.


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SMALL_TALK = _words(
    "hi hello hey good morning afternoon evening thanks thank you ok okay great fine perfect cheers bye goodbye yes no "
    "yeah nope please sorry much very so a lot many that's thats cool got it nice well sure right"
)
# Words that say how something is asked, not about what.
FORM = _words(
    "a about again all also am an and any anything are as at be been but by can cost costs could detail details "
    "did do does doing else ever example examples explain for from further get give go had happen happens has "
    "have how i if in is isn't it it's its just kind last list long longer many may me mean means might more much "
    "must my need no not of often on once only or other our please possible repeat "
    "rephrase same say shall should show so sort take takes tell than that that's the their them then there these "
    "they this those to too true us want was we were "
    "what what's when where which who whom whose why will with work works would yes you your"
)
NOUN_PHRASE = re.compile(
    r"\b(?:(?:the|an?|my|our|your|this|that|these|those|any|some)\s+(?P<noun>(?:[\w'’-]+\s+){0,3}?[\w'’-]+)"
    r"|(?P<name>[A-Z][\w'’-]*(?:\s+(?:[A-Z][\w'’-]*|\d+\w*))*(?:\s+[a-z]+)??))"
    r"(?=\s*[?.!,;:]|\s*$|\s+(?:is|are|was|were|has|have|had|do|does|did|can|could|will|would|should|may|must|cost|costs|"
    r"come|comes|take|takes|weigh|weighs|last|lasts|made|work|works|covered|back|after|before|when|if|and|or|but|in|on|at|"
    r"of|for|from|with|without|by|to|that|which|who|safe|waterproof|available|still|also|than|as|while|during|under|over)\b)"
)
OPENING = re.compile(r"^(?:(?:and|but|or|so|then|also|ok|okay)\b[\s,]*)+", re.IGNORECASE)
WHAT_ABOUT = re.compile(r"^(?:what|how)\s+about\b|^same\b", re.IGNORECASE)
PREPOSITION = re.compile(r"^(?:for|in|on|with|without|to|at|from|by|after|before|during|as|if|under|over)\b", re.I)
VERB = re.compile(
    r"\b(?:is|are|was|were|am|be|do|does|did|can|could|will|would|shall|should|may|might|must|have|has|had|isn't|aren't"
    r"|don't|doesn't|can't|won't|cover|covers|cost|costs|need|needs|want|tell|show|give|explain|write|make|list)\b",
    re.IGNORECASE,
)
# "Sorry, I meant the tent": what was asked before, put right.
CORRECTION = (
    r"(?:(?:no|nope|sorry|oops|wait|oh)\b[\s,.!]*)*(?:actually|rather|i\s+(?:mean|meant|asked\s+about|was\s+asking\s+about)"
    r"|not\b[^,.;?!]{1,60},(?:\s+but)?)\s+"
)
CORRECTED = re.compile(CORRECTION, re.IGNORECASE)
MAX_CORRECTION_WORDS = 8
# "And for the backpack?": the same question about another thing. "The blue one" is a thing of the sort named before.
OTHER_THING = re.compile(
    rf"(?:(?:(?:and|but|so|ok|okay)\b[\s,]*)*(?:(?:what|how)\s+about|for|with|on)\s+|{CORRECTION})"
    r"(?!(?:in|on|at|for|with|by|if|when|during|before|after)\b)(?P<thing>(?:(?:the|an?|my|our|your)\s+|(?=[A-Z]))(?:[\w'’-]+\s*){1,4}?)\s*[?.!]*\Z",
    re.IGNORECASE,
)
DEFINITE = re.compile(r"\bthe\b", re.IGNORECASE)
TO_SOMEBODY = re.compile(r"\b(?:i|me|my|we|our|you|your)\b", re.IGNORECASE)
CHAIN = re.compile(r"\s+(?:on|of|for|in|with|from)\s+")
TO_US = re.compile(r"^(?:who|what|how)\s+(?:are|can|do)\s+you\b", re.IGNORECASE)
ONE = re.compile(
    r"\b(?:the|that|this|which|another|each|any)\s+(?:[\w'-]+\s+)?ones?\b(?!\s+(?:year|month|week|day|hour|time|person))",
    re.IGNORECASE,
)
PRONOUN = re.compile(
    r"\b(?:(?P<whose>its|their)\b|(?:it|they|them)\b"
    r"|(?P<said>this|that|these|those)(?=\s*[?.!,]|\s*$|\s+(?:is|are|was|were|does|do|did|can|could|will|would|costs?|covers?|"
    r"includes?|means?|takes?|works?|lasts?|also|too|as well|apply|applies|weighs?|happen)\b))",
    re.IGNORECASE,
)
# "Is it possible to …", "how long does it take to …": here the pronoun points forward, to what follows.
FORWARD = re.compile(
    r"\bit(?:'s|\s+is|\s+was|\s+be)?\s+(?:\w+\s+)?(?:possible|ok|okay|allowed|true|safe|better|best|worth|necessary|legal|"
    r"normal|easy|hard|too late|important|take|takes|cost|costs|matter|matters|rain|rains|mean|means)\s+"
    r"(?:[\w']+\s+){0,3}?(?:to|that|if|when|for)\s",
    re.IGNORECASE,
)


def stand_alone(question: str, earlier: Sequence[Message]) -> str:
    """`question` so that it can be understood without the conversation; unchanged where it already can.

    A pronoun is replaced by what the last question was about; another follow-up is put behind that question.
    """
    if not _leans(question):
        return question
    before = [message.text for message in earlier if message.role == "user" and not _is_small_talk(message.text)]
    if not before:
        return question
    last = stand_alone(_last_question(before[-1]), [Message("user", text) for text in before[-MAX_TURNS:-1]])
    topic, pronoun = _topic(last), _open_pronoun(question)
    # "How long does it take?" and "is that so?" ask about what was said as a whole, not about a thing in it.
    other = OTHER_THING.match(question.strip())
    if other and topic and not ONE.search(question) and (named := _last_thing(last)):
        return last[: named[0]] + other["thing"] + last[named[1] :]
    if OPENING.match(question) and pronoun and not pronoun["said"] and (thing := _named_thing(last)):
        # "And how much does it weigh?" after a question for the lamp's warranty: the lamp.
        question, topic = _sentence(OPENING.sub("", question)), thing
        pronoun = _open_pronoun(question)
    whole = (
        set(_spoken(question)) <= FORM or OPENING.match(question) or ONE.search(question) or CORRECTED.match(question)
    )
    if whole or topic is None or pronoun is None or pronoun["said"]:
        return f"{last if last.endswith(('.', '?', '!')) else last + '?'} {_sentence(question)}"
    filled = topic if pronoun["whose"] is None else f"{topic}'s"
    return question[: pronoun.start()] + filled + question[pronoun.end() :]


def stand_beside(question: str, before: Sequence[str]) -> str:
    """`question` so that it can be understood without those `before` it in one message.

    "How heavy is the Tarn, and what is the warranty?" asks for the Tarn's; "and what is your address?" for nobody's.
    """
    named = next((thing for each in reversed(before) if (thing := _named_thing(each))), None)
    names_own = any(word[:1].isupper() for word in question.split()[1:])
    if named is None or names_own or not DEFINITE.search(question) or TO_SOMEBODY.search(question):
        return question
    return f"{question.rstrip('?. ')} of {named}?"


def _leans(question: str) -> bool:
    """Whether `question` cannot be understood alone."""
    rest = OPENING.sub("", question.strip())
    words = _spoken(rest)
    if not 0 < len(words) <= MAX_WORDS or _is_small_talk(question) or TO_US.match(rest):
        return False
    if WHAT_ABOUT.match(rest) or ONE.search(rest) or set(words) <= FORM:
        return True
    if CORRECTED.match(rest) and len(words) <= MAX_CORRECTION_WORDS:
        return True
    fragment = len(words) <= 8 and not VERB.search(rest)
    if fragment and (PREPOSITION.match(rest) or rest != question.strip()):
        return True
    return _open_pronoun(rest) is not None


def _open_pronoun(question: str) -> re.Match[str] | None:
    """The first pronoun that nothing before it in the question explains."""
    forward = [match.start() for match in FORWARD.finditer(question)]
    for pronoun in PRONOUN.finditer(question):
        before = question[: pronoun.start()]
        if pronoun.start() not in forward and not _topic(before) and not _names_many(before):
            return pronoun
    return None


def _names_many(text: str) -> bool:
    # "What happens to items if they arrive broken": the plural is what the pronoun stands for.
    words = re.findall(r"[a-z]{4,}s\b", text)
    return any(word not in FORM and not word.endswith("ss") for word in words)


def _topic(question: str) -> str | None:
    """What `question` is about: its last noun phrase, with those it hangs on ("the warranty on the lamp")."""
    start, end = 0, 0
    for match in NOUN_PHRASE.finditer(question):
        # The first word has its capital from the sentence; "the same" and the like name nothing.
        if match.start() == 0 if match["name"] else set(_spoken(match["noun"])) <= FORM:
            continue
        chained = end and CHAIN.fullmatch(question, end, match.start())
        start, end = (start if chained else match.start()), match.end()
    return question[start:end] or None


def _last_thing(question: str) -> tuple[int, int] | None:
    """Where the last thing that `question` names stands."""
    matches = [match for match in NOUN_PHRASE.finditer(question) if match.start() or not match["name"]]
    return matches[-1].span() if matches else None


def _named_thing(question: str) -> str | None:
    """The last thing that `question` names, if it has a name of its own."""
    place = _last_thing(question)
    thing = question[place[0] : place[1]] if place else ""
    return thing if any(word[:1].isupper() for word in thing.split()) else None


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _last_question(text: str) -> str:
    sentences = [each.strip() for each in re.findall(r"[^.?!\n]+(?:\.(?=\S)[^.?!\n]*)*[.?!]*", text) if each.strip()]
    questions = [each for each in sentences if each.endswith("?")]
    return " ".join((questions or sentences or [text])[-1].split()[-MAX_WORDS:])


def _is_small_talk(text: str) -> bool:
    return set(_spoken(text)) <= SMALL_TALK


def _spoken(text: str) -> list[str]:
    return re.findall(r"[\w']+", text.lower().replace("’", "'"))
