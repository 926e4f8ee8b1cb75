"""What the words of a text show besides its meaning: whom it speaks to, what it speaks of, how it is written."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MAX_CHARACTERS = 6000  # Of a text, for its signals; an attempt that starts later is found in its sentences.

_WORDS: dict[str, str] = {
    "ignores": r"ignor\w+|disregard\w*|forget|overrid\w+|bypass\w*|neglect|violat\w+|disobey\w*|abandon|discard",
    "rules": r"instructions?|rules?|directives?|guidelines?|commands?|restrictions?|constraints?|polic(?:y|ies)|orders|directions",
    "earlier": r"previous(?:ly)?|prior|above|earlier|preceding|so far|up to (?:now|this point)|before this|existing|original|initial",
    "prompt": r"prompts?|system message|pre-?prompt|context window|configuration",
    "machine": r"ai|a\.i\.|llms?|gpt\S*|chatgpt\S*|openai\S*|chat ?bots?|bots?|language models?|assistants?|machine|artificial intelligence",
    "secret": r"passwords?|passphrases?|pass ?codes?|secrets?|access codes?|code ?words?|keys?|confidential|hidden",
    "granted": r"access granted|access denied|granted|denied|unlocked|admin\w*|sudo|root|permission",
    "show": r"show|print|output|reveal|display|repeat|recite|leak|disclose|dump|copy|return|echo|verbatim|word for word",
    "convert": r"translate|encode|decode|convert|rewrite|rephrase|paraphrase|spell|encrypt|base64|rot13|morse|cipher|backwards?|reverse\w*",
    "become": r"act(?:ing)? (?:as|like)|pretend\w*|role-?play\w*|simulat\w+|impersonat\w+|imagine|play the (?:role|part)|behave (?:as|like)|character|persona|immerse",
    "from_now": r"from now on|from this (?:moment|point)|you are now|you're now|starting now|henceforth|for the rest of|no longer|new (?:task|role|identity|mission)|your name is",
    "unlimited": r"unrestricted|unfiltered|uncensored|unlimited|no (?:\w+ )?(?:restrictions?|limits?|limitations|filters?|rules|morals?|ethics|censorship|boundaries)|without (?:any )?(?:\w+ )?(?:restrictions?|limits?|limitations|filters?|rules|morals?|ethics|censorship|warnings?|disclaimers?)|not bound|anything now|break(?:s|ing)? free|freed?",
    "wicked": r"illegal\w*|unethical\w*|immoral\w*|amoral|evil|harmful|offensive|explicit|nsfw|hateful|racist|dangerous|inappropriate|controversial|profan\w+|curs(?:e|ing)|swear\w*|legality|ethical\w*|moral\w*|jailbr\w+|dan",
    "duty": r"must|always|never|obey\w*|comply|compl(?:ies|iance)|refus\w+|no matter|under no circumstances|cannot|can't|have to|not allowed|forbidden",
    "you_will": r"you (?:will|must|shall|should|are|can|have|do|may|never|always|only|would)|you're|you'll|you've",
    "answer": r"(?:your|the|each|every|next|final) (?:\w+ )?(?:answers?|repl(?:y|ies)|responses?|output|summary|messages?)|(?:repl(?:y|ies)|respond|answer) (?:with|in|as|only|to)|begin your|start your|end your",
    "user": r"(?:the )?users?|humans?",
    "task": r"write|compose|create|generate|draft|explain|describe|summari[sz]e|list|suggest|recommend|tell|give|provide|include|add|insert|mention|use|replace|promote|make",
    "language": r"french|spanish|german|italian|japanese|chinese|russian|arabic|portuguese|latin|korean|hindi|english",
    "code": r"python|javascript|java|php|sql|c\+\+|function|script|program|algorithm|json|html|regex",
    "ending": r"end(?:s|ed)?(?: of)?|begin|stop|start|reset|update[sd]?|override|mode",
    "polite": r"please|thanks?|thank you|regards|dear|sincerely|hi|hello",
    "we": r"i|my|me|we|our|us",
    "they": r"he|she|they|his|her|their|was|were|had|been",
    "story": r"story|novel|fiction\w*|hypothetical\w*|world|scenario|game|movie|film",
    "money": r"price|order|invoice|payment|refund|delivery|account|card|shop|customer",
    "care": r"patient|doctor|dose|symptoms?|treatment|pain|medic\w+",
}
_COMPILED = [re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) for words in _WORDS.values()]
_PAIRS = [
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"(?<!\w)(?:{_WORDS['ignores']})(?!\w).{{0,60}}(?<!\w)(?:{_WORDS['rules']}|prompts?|everything|all|above)(?!\w)",
        rf"(?<!\w)(?:{_WORDS['show']}|{_WORDS['convert']}|what).{{0,60}}(?<!\w)(?:your|above|system|initial) (?:\w+ )?(?:{_WORDS['prompt']}|{_WORDS['rules']})(?!\w)",
        rf"(?<!\w)(?:{_WORDS['become']}|{_WORDS['from_now']})(?!\w).{{0,200}}(?<!\w)(?:{_WORDS['unlimited']}|{_WORDS['wicked']})(?!\w)",
        r"(?<!\w)say\W+.{0,20}(?:granted|unlocked|approved)",
        r"[A-Z]{2,}(?: [A-Z]{2,}){2,}",
        r"\[[^\]]{2,60}\]|\{[^}]{2,60}\}|<[^>]{2,60}>",
        r"([^\w\s])\1{2,}",
        r"https?://|www\.|\w\.(?:com|org|net|example)\b",
    )
]
_TASK_FIRST = re.compile(
    r"\W*(?:please |now |then |also |and |assistant,? )*(?:write|compose|create|generate|draft|explain|describe|summari[sz]e|list|suggest|recommend|tell|give|provide|include|add|insert|mention|use|replace|promote|make|translate|convert|encode|show|print|repeat|say|reply|respond|answer|ignore|forget|act|pretend|change|modify|integrate|introduce|convince|develop|outline|design|name|find|analy[sz]e|classify|rewrite|build|calculate|solve|compare|identify)\b",
    re.IGNORECASE,
)
_QUESTION_FIRST = re.compile(
    r"\W*(?:who|what|when|where|why|how|which|is|are|do|does|did|can|could|should|would|will|has|have)\b", re.IGNORECASE
)
_ADDRESSED = re.compile(
    rf"(?<!\w)(?:you|your|yourself|{_WORDS['machine']}|{_WORDS['user']}|reply|respond)(?!\w)",
    re.IGNORECASE,
)
SIGNALS = (*_WORDS, *(f"pair_{number}" for number in range(len(_PAIRS))), "task_first", "question_first", "question_mark",
           "length", "you_share", "capitals", "symbols", "foreign", "sameness", "lines", "quotes", "colons")  # fmt: skip
"""Names of the signals, in the order of the columns."""


def speaks_to_reader(text: str) -> bool:
    """Whether `text` asks something or asks for something, or speaks to whoever answers."""
    return bool(_TASK_FIRST.match(text) or "?" in text or _ADDRESSED.search(text))


def signals_of(texts: Sequence[str]) -> NDArray[np.float32]:
    """The signals of each text, one row each: shape (n, len(SIGNALS)), each about 0 to 3."""
    return np.array([_row(text[:MAX_CHARACTERS]) for text in texts], np.float32).reshape(len(texts), len(SIGNALS))


def _row(text: str) -> list[float]:
    words = text.split()
    length = max(len(text), 1)
    counts = [min(float(np.log1p(sum(1 for _ in pattern.finditer(text)))), 3.0) for pattern in _COMPILED]
    pairs = [float(bool(pattern.search(text))) for pattern in _PAIRS]
    lower = text.lower()
    letters = max(sum(char.isalpha() for char in text), 1)
    raw = lower.encode("utf-8", "replace")
    return [
        *counts,
        *pairs,
        float(bool(_TASK_FIRST.match(text))),
        float(bool(_QUESTION_FIRST.match(text))),
        float("?" in text),
        float(np.log1p(len(words))) / 2,
        10 * sum(word.lower().strip(".,!?") in ("you", "your", "yourself") for word in words) / max(len(words), 5),
        2 * sum(char.isupper() for char in text) / letters,
        4 * sum(not char.isalnum() and not char.isspace() for char in text) / length,
        2 * sum(ord(char) > 127 for char in text) / length,
        min(length / (len(zlib.compress(raw)) + 1), 12.0) / 4,
        min(float(np.log1p(text.count("\n"))), 3.0),
        min(float(np.log1p(sum(text.count(mark) for mark in "\"“”'"))), 3.0),
        min(float(np.log1p(text.count(":"))), 3.0),
    ]
