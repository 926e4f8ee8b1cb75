"""Holds sentences against evidence, and cuts texts into sentences."""

from assistant.guards.grounding.checker import GroundingGuard, Support
from assistant.guards.grounding.claims import is_claim
from assistant.guards.grounding.facts import contradictions
from assistant.guards.grounding.figures import Figure, figures_of
from assistant.guards.grounding.guarantee import Guarantee, find_limit, judge_sentences
from assistant.guards.grounding.names import names_of
from assistant.guards.grounding.network import CrossEncoder, PairReader, WordReader
from assistant.guards.grounding.sentences import Piece, SentenceJoiner, leans_on_previous, split_sentences

__all__ = [
    "CrossEncoder",
    "Figure",
    "GroundingGuard",
    "Guarantee",
    "PairReader",
    "Piece",
    "SentenceJoiner",
    "Support",
    "WordReader",
    "contradictions",
    "figures_of",
    "find_limit",
    "is_claim",
    "judge_sentences",
    "leans_on_previous",
    "names_of",
    "split_sentences",
]
