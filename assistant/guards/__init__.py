"""Guards measure a text: no policy, no NeMo inside. Rails decide on what they measure."""

from assistant.guards.digests import guard_digests
from assistant.guards.grounding import (
    CrossEncoder,
    GroundingGuard,
    Guarantee,
    PairReader,
    Piece,
    SentenceJoiner,
    Support,
    WordReader,
    find_limit,
    is_claim,
    judge_sentences,
    leans_on_previous,
    split_sentences,
)
from assistant.guards.injection import InjectionGuard, InjectionScore
from assistant.guards.measure import Guards
from assistant.guards.people.finder import PeopleFinder
from assistant.guards.people.tagger import Tagger
from assistant.guards.personal import Found, Masked, PersonalDataGuard
from assistant.guards.phrases import PhraseGuard
from assistant.guards.placeholders import Placeholders
from assistant.guards.topics import TopicGuard, TopicScore
from assistant.guards.topics_parts import names_nothing, questions_of

__all__ = [
    "CrossEncoder",
    "Found",
    "GroundingGuard",
    "Guarantee",
    "Guards",
    "InjectionGuard",
    "InjectionScore",
    "Masked",
    "PairReader",
    "PeopleFinder",
    "PersonalDataGuard",
    "PhraseGuard",
    "Piece",
    "Placeholders",
    "SentenceJoiner",
    "Support",
    "Tagger",
    "TopicGuard",
    "TopicScore",
    "WordReader",
    "find_limit",
    "guard_digests",
    "is_claim",
    "judge_sentences",
    "leans_on_previous",
    "names_nothing",
    "questions_of",
    "split_sentences",
]
