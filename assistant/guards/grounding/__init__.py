"""Holds sentences against evidence, and cuts texts into sentences."""

from assistant.guards.grounding.answering import answers
from assistant.guards.grounding.checker import GroundingGuard, Support
from assistant.guards.grounding.claims import is_claim
from assistant.guards.grounding.facts import contradictions
from assistant.guards.grounding.figures import Figure, figures_of
from assistant.guards.grounding.names import names_of
from assistant.guards.grounding.sentences import Piece, SentenceJoiner, leans_on_previous, split_sentences

__all__ = [
    "Figure",
    "GroundingGuard",
    "Piece",
    "SentenceJoiner",
    "Support",
    "answers",
    "contradictions",
    "figures_of",
    "is_claim",
    "leans_on_previous",
    "names_of",
    "split_sentences",
]
