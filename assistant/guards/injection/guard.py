"""Attempts to take the assistant over, in questions and in documents."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import numpy as np
import yaml
from numpy.typing import NDArray

from assistant.embedding import Embedder
from assistant.guards.grounding.sentences import split_sentences
from assistant.guards.plain_text import hidden_texts, plain_text, rotated

InjectionKind = Literal["none", "override", "role", "leak", "encoded", "indirect"]

_RULES = r"(?:instructions?|rules?|prompts?|directions?|directives?|guidelines?|commands?|orders|restrictions?|programming|constraints?|polic(?:y|ies)|training|filters?|safeguards?|guardrails?|limitations?|messages?)"
_AI = r"(?:AI|A\.I\.|LLM|GPT|chat\s?bot|bot|assistant|language\s+model|model)"
_PATTERNS: Mapping[InjectionKind, str] = {
    "override": rf"""
        \b(?:ignore|disregard|forget|override|bypass|neglect|violate|break|(?:do\s+not|don't|never|stop)\s+(?:follow|obey)(?:ing)?)\s+(?:\w+\s+){{0,3}}?
          (?:(?:previous|prior|above|earlier|preceding|former|existing|system|original|initial|your|those)\s+)(?:\w+\s+){{0,2}}?{_RULES}\b
        |\b(?:ignore|disregard|forget)\s+(?:any|all|every)\s+(?:other\s+|of\s+|the\s+|your\s+)*(?:inputs?|text|content|instructions|rules|orders|prompts?)\b
        |\b(?:ignore|disregard|forget)\s+(?:about\s+)?(?:all|everything|anything|what(?:ever)?)\s+(?:of\s+)?(?:the\s+|that\s+|you\s+|i\s+|was\s+|came\s+|is\s+|were\s+)*(?:above|before|previous(?:ly)?|prior|told|said|learned|instructions?|rules)\b
        |\b(?:disable|deactivate|turn\s+off|switch\s+off|remove|drop|lift)\s+(?:all\s+)?(?:of\s+)?(?:your|its)\s+(?:\w+\s+){{0,2}}?(?:safety|filters?|guardrails?|restrictions?|safeguards?|rules|limits?|protocols?|censorship)\b
        |\byou\s+(?:are|'re)\s+(?:no\s+longer|not)\s+(?:bound|restricted|limited|governed)\b
        |\b(?:end|beginning|start)\s+of\s+(?:the\s+)?(?:system|user)\s+(?:prompt|message|input|instructions)\b|<\|\s*(?:im_start|im_end|system|user|endoftext)\s*\|?>|\[/?INST\]|<<\s*/?SYS\s*>>|^[^\S\n]*\#{{2,}}\s*(?:new\s+|system\s+)?instructions?\b
        |\b(?:my|the|these|following|here\s+are\s+(?:your|the))\s+new\s+(?:instructions|rules|orders|directives)\b|^[^\w\n]*new\s+(?:instructions?|task|rules?)\s*:|^[^\w\n]*system\s*(?:prompt|message|override|update)?\s*:\s*\w
        |\b(?:no|without(?:\s+any)?|free\s+of(?:\s+all)?)\s+(?:ethical\s+|moral\s+|content\s+|safety\s+)?(?:restrictions?|censorship|filters|guardrails)\b.{{0,60}}\b(?:you|answer|respond|reply)\b|\bsay\W+access\s+granted\b""",
    "role": rf"""
        \b(?:DAN|STAN|DUDE)\b(?=.{{0,80}}\b(?:mode|now|can|will|do|jailbr|AI|free))|\bdo\s+anything\s+now\b|\b(?:enter|enable|activate|switch\s+to|go\s+into|you\s+are\s+in)\s+(?:the\s+)?(?:developer|jailbreak|god|debug|admin|sudo|unrestricted)\s+mode\b
        |\b(?:act|behave|respond|answer|speak|pretend|role-?play|pose)\s+(?:as|like|to\s+be|you\s+are|that\s+you\s+are)\s+(?:\w+\s+){{0,4}}?(?:unrestricted|unfiltered|uncensored|evil|amoral|unethical|immoral|jailbroken|rogue|lawless)\b
        |\b(?:an?|as)\s+(?:unrestricted|unfiltered|uncensored|amoral|jailbroken|rogue)\s+(?:version|{_AI})\b|\b(?:you\s+are|you're|be|become|as|to\s+be)\s+(?:\w+\s+){{0,4}}?{_AI}\s+(?:\w+\s+){{0,3}}?(?:without|with\s+no|that\s+has\s+no|who\s+has\s+no|free\s+of)\s+(?:any\s+)?(?:\w+\s+)?(?:rules|limits?|restrictions|filters?|morals|ethics|guidelines|limitations)\b
        |\b(?:stay|remain|never\s+break|always\s+be)\s+(?:in\s+)?character\b.{{0,80}}\b(?:refuse|cannot|rules|restrictions)\b""",
    "leak": r"""
        \b(?:reveal|show|print|repeat|tell|output|display|give|leak|disclose|share|write|copy|paste|recite|quote|summari[sz]e|translate|list|dump|echo|spell|encode|read|send|expose|what(?:'s|\s+is|\s+are|\s+was|\s+were))\s+(?:\w+\s+){0,4}?
          (?:(?:your|the\s+(?:ai|assistant|bot|model)'s)\s+(?:(?:system|initial|original|hidden|secret|internal|full|exact|entire|own|previous|confidential|complete|underlying|first)\s+){0,3}(?:prompts?|instructions?(?!\s+(?:for|on|about|manual))|system\s+message|pre-?prompt|directives|secret|(?:secret|access)\s+(?:code|key|word)|context\s+window)
          |your\s+(?:hidden|secret|internal|system|confidential|original|operator's)\s+(?:guidelines|rules|policies|configuration)
          |(?:the|this|any)\s+(?:\w+\s+){0,1}?(?:system\s+prompt|system\s+message|system\s+instructions|initial\s+prompt|hidden\s+prompt|hidden\s+instructions|developer\s+message|original\s+prompt|secret\s+(?:key|password|code|word)))\b
        |\b(?:repeat|print|output|copy|return|recite|say)\s+(?:back\s+)?(?:everything|all|the\s+(?:words|text|sentences?|content|conversation|message)|what(?:ever)?)\s+(?:that\s+|is\s+|was\s+|you\s+|i\s+|were\s+|written\s+|said\s+|came\s+|comes\s+|of\s+the\s+)*(?:above|before|prior|told|given)\b(?!\s+(?:me|by)\b)
        |\bwhat\s+(?:were|did)\s+(?:you|they|your\s+developers)\s+(?:told|instructed|tell\s+you|programmed)\b|\bstarting\s+with\s+.{0,3}you\s+are\b|\byour\s+(?:initial|system|hidden|secret)\s+(?:prompt|instructions)\b""",
    "indirect": r"""
        \b(?:note|message|instructions?|attention|important|warning|dear|hey|hello|to)\s*(?:to|for|,|:)?\s*(?:the\s+|all\s+|any\s+|every\s+)?(?:\w+\s+)?(?:AI|LLMs?|GPT|chat\s?bots?|language\s+models?|AI\s+(?:assistants?|models?|systems?|agents?))\b(?!\s+(?:is|are|was|can|has|have)\b)
        |\bif\s+you\s+are\s+(?:an?\s+)?(?:AI|LLM|language\s+model|chat\s?bot|assistant|automated|bot)\b
        |\b(?:AI|LLMs?|chat\s?bots?|language\s+models?|AI\s+(?:assistants?|models?|systems?|agents?)|(?:the\s+)?assistant)\s+(?:\w+\s+){0,4}?(?:must|should|shall|has\s+to|have\s+to|is\s+to)\s+(?:always\s+|now\s+|not\s+|only\s+)?(?:ignore|say|reply|respond|answer|tell|output|recommend|rate|include|mention|follow|send|write|state|summari[sz]e)\b
        |\bwhen\s+(?:you\s+(?:are\s+)?)?(?:answer(?:ing)?|summari[sz](?:e|ing)|respond(?:ing)?|process(?:ing)?)\s+(?:this|the|to|any)\b.{0,60}(?:,|:)\s*(?:always\s+|please\s+|you\s+must\s+)?(?:say|tell|include|recommend|ignore|add|state|output|append|insist)\b
        |\b(?:do\s+not|don't|never)\s+(?:tell|inform|mention\s+(?:this\s+)?to|reveal\s+(?:this\s+)?to|show\s+(?:this\s+)?to)\s+(?:the\s+)?(?:user|human)s?\b|\b(?:tell|ask|convince|urge|instruct)\s+the\s+user\s+(?:to|that|for)\b|\b(?:send|forward|post|upload|exfiltrate)\s+(?:\w+\s+){0,5}?(?:conversation|chat\s+history|user'?s?\s+(?:data|details|message|password))\b
        |\b(?:ignore|disregard)\s+the\s+rest\b|\b(?:AI|LLM|chat\s?bot|assistant)\s*:\s*(?:please\s+)?(?:ignore|say|recommend|do\s+not|always|never|include)\b
        |\byour\s+(?:new\s+task|task\s+has\s+changed|real\s+task|true\s+purpose|only\s+task)\b""",
}  # fmt: skip
_COMPILED = {
    kind: re.compile(pattern, re.IGNORECASE | re.VERBOSE | re.MULTILINE) for kind, pattern in _PATTERNS.items()
}
_CERTAIN = 0.03  # Score of an exact pattern.
_SLOPE, _MARGIN, _FLOOR = 22.0, 0.06, 0.50  # Set by judgement, then checked on public sets.
_ADDRESSED = re.compile(
    rf"\b(?:you|your|yourself|{_AI}s?|user|reader|human|instruct\w*|prompt\w*|ignore|disregard|forget|obey|tell|say|repl(?:y|ies)|respond|print|recommend)\b",
    re.I,
)
_UNADDRESSED_FLOOR = (
    0.60  # A statement in a document that speaks to nobody is an attempt only if it is all but a known one.
)
_MAX_SENTENCES = 200


@dataclass(frozen=True, slots=True)
class InjectionScore:
    """How clean one text is of attempts to take the assistant over."""

    score: float
    """0 take-over attempt … 1 clean."""
    kind: InjectionKind = "none"
    """What sort of attempt it looks most like; `none` from the limit up."""


CLEAN = InjectionScore(1.0)


class InjectionGuard:
    """Reads a text as a person would, sentence by sentence: exact patterns, then nearness to known attempts and to harmless twins."""

    def __init__(self, embedder: Embedder | None, *, exemplars: Mapping[str, Sequence[str]] | None = None) -> None:
        """Without an embedder only the exact patterns count. `exemplars` replaces the shipped ones."""
        self._embedder = embedder
        known = exemplars if exemplars is not None else _exemplars()
        self._kinds = [kind for kind, texts in known.items() for _ in texts]
        self._benign = np.array([kind == "benign" for kind in self._kinds], dtype=bool)
        self._vectors = embedder.embed([text for texts in known.values() for text in texts]) if embedder else None

    @property
    def limit(self) -> float:
        """Scores below it count as an attempt, where a vertical leaves the limit to us."""
        return 0.5

    def measure(self, text: str) -> InjectionScore:
        """How clean a question is; of its sentences the worst counts."""
        return self._worst(text, indirect=False)

    def measure_passage(self, text: str) -> InjectionScore:
        """How clean a passage of a document is: orders addressed to an assistant count too."""
        return self._worst(text, indirect=True)

    def _worst(self, text: str, *, indirect: bool) -> InjectionScore:
        plain = plain_text(text)
        found = _by_pattern(plain, indirect=indirect)
        if found is not None:
            return InjectionScore(_CERTAIN, found)
        hidden = hidden_texts(plain)
        if any(_by_pattern(each, indirect=True) for each in (*hidden, rotated(plain))):
            return InjectionScore(_CERTAIN, "encoded")
        worst = self._by_likeness(plain, indirect=indirect)
        for each in hidden:
            likeness = self._by_likeness(each, indirect=indirect)
            if likeness.score < min(worst.score, self.limit):
                worst = InjectionScore(likeness.score, "encoded")
        return worst

    def _by_likeness(self, text: str, *, indirect: bool) -> InjectionScore:
        sentences = split_sentences(text)[:_MAX_SENTENCES]
        if self._embedder is None or self._vectors is None or not sentences:
            return CLEAN
        similar = self._embedder.embed(sentences) @ self._vectors.T
        attacks = ~self._benign if indirect else np.array([kind not in ("benign", "indirect") for kind in self._kinds])
        nearest = np.where(attacks, similar, -1.0).argmax(axis=1)
        attack = similar[np.arange(len(sentences)), nearest]
        benign = similar[:, self._benign].max(axis=1) if self._benign.any() else np.full(len(sentences), -1.0)
        distance = np.minimum(attack - benign - _MARGIN, attack - _floors(sentences, indirect=indirect))
        place = int(distance.argmax())
        score = round(float(1 / (1 + np.exp(_SLOPE * distance[place]))), 4)
        return InjectionScore(score, _kind(self._kinds[int(nearest[place])]) if score < self.limit else "none")


def _by_pattern(text: str, *, indirect: bool) -> InjectionKind | None:
    return next(
        (kind for kind, pattern in _COMPILED.items() if (indirect or kind != "indirect") and pattern.search(text)), None
    )


def _floors(sentences: Sequence[str], *, indirect: bool) -> NDArray[np.float64]:
    """How near to an attempt each sentence must be before the likeness counts."""
    stricter = [indirect and not _ADDRESSED.search(sentence) for sentence in sentences]
    return np.where(stricter, _UNADDRESSED_FLOOR, _FLOOR)


def _kind(name: str) -> InjectionKind:
    return next((kind for kind in _COMPILED if kind == name), "override")


@lru_cache(maxsize=1)
def _exemplars() -> Mapping[str, Sequence[str]]:
    text = files(__package__).joinpath("injection_exemplars.yaml").read_text(encoding="utf-8")
    return {str(kind): [str(each) for each in texts] for kind, texts in yaml.safe_load(text).items()}
