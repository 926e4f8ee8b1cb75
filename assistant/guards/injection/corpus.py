"""The sentences and prompts the head learns from: templates written for this project, unfolded with a seed."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

_SLOT = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")
SENTENCE_COPIES = 10
"""A template with slots is unfolded so many times."""
LONG_PROMPTS = 600


@dataclass(frozen=True, slots=True)
class Written:
    """One text of the corpus."""

    text: str
    kind: str
    """The list of templates it comes from."""
    template: str
    """Texts of one template belong to the same side of a split."""


def sentences(name: str, *, seed: int = 0) -> list[Written]:
    """Every template of the file `name` (direct, indirect, benign) unfolded; long prompts are put together apart."""
    chance = random.Random(seed)  # noqa: S311 — for variety, not for secrets
    sheet = _sheet(name)
    found = []
    for kind, templates in sheet.lists.items():
        for template in templates:
            copies = SENTENCE_COPIES if _SLOT.search(template) else 3
            texts = [_varied(_filled(template, sheet.slots, chance), chance) for _ in range(copies)]
            found += [Written(text, kind, template) for text in texts]
    return found


def long_attempts(*, seed: int = 1) -> Iterator[Written]:
    """Role-play attempts of several sentences."""
    chance = random.Random(seed)  # noqa: S311
    sheet = _sheet("direct")
    for _ in range(LONG_PROMPTS):
        slots = {**sheet.slots, "name": [chance.choice(sheet.slots["name"])]}
        opening = chance.choice(sheet.lists["opening"] if chance.random() < 0.85 else sheet.lists["role"])
        parts = chance.sample(sheet.lists["part"], chance.randint(1, 14))
        closing = [chance.choice(sheet.lists["closing"])] if chance.random() < 0.7 else []
        if chance.random() < 0.15:
            parts.insert(chance.randrange(len(parts)), chance.choice(sheet.lists["override"]))
        texts = [_filled(each, slots, chance) for each in [opening, *parts, *closing]]
        yield Written(_laid_out(texts, chance), "long", opening)


def long_requests(*, seed: int = 2) -> Iterator[Written]:
    """Harmless role-play and research requests of several sentences."""
    chance = random.Random(seed)  # noqa: S311
    sheet = _sheet("benign")
    for _ in range(LONG_PROMPTS):
        parts = chance.sample(sheet.lists["wish"], chance.randint(0, 7))
        texts = [chance.choice(sheet.lists["setting"]), *parts, chance.choice(sheet.lists["ask"])]
        persons, topic = chance.sample(sheet.slots["person"], 2), chance.choice(sheet.slots["topic"])
        slots = {**sheet.slots, "person": persons, "topic": [topic]}
        yield Written(_laid_out([_filled(each, slots, chance) for each in texts], chance), "long", texts[0])


def mixed_attempts(*, seed: int = 3) -> Iterator[Written]:
    """Harmless questions with one attempt among them."""
    chance = random.Random(seed)  # noqa: S311
    attempts, harmless = _sheet("direct"), _sheet("benign")
    for _ in range(LONG_PROMPTS):
        kind = chance.choice(["override", "role", "leak", "password", "fence"])
        template = chance.choice(attempts.lists[kind])
        asked = chance.sample(harmless.lists["question"], chance.randint(1, 3))
        questions = [_filled(each, harmless.slots, chance) for each in asked]
        questions.insert(chance.randint(0, len(questions)), _filled(template, attempts.slots, chance))
        yield Written(_laid_out(questions, chance), kind, template)


def mixed_requests(*, seed: int = 4) -> Iterator[Written]:
    """Several harmless questions in one message."""
    chance = random.Random(seed)  # noqa: S311
    sheet = _sheet("benign")
    for _ in range(LONG_PROMPTS):
        templates = chance.sample([*sheet.lists["question"], *sheet.lists["document"]], chance.randint(2, 4))
        texts = [_filled(each, sheet.slots, chance) for each in templates]
        yield Written(_laid_out(texts, chance), "mixed", templates[0])


@dataclass(frozen=True, slots=True)
class _Sheet:
    slots: Mapping[str, Sequence[str]]
    """What may stand for each {slot}."""
    lists: Mapping[str, Sequence[str]]
    """Templates by kind."""


@lru_cache(maxsize=3)
def _sheet(name: str) -> _Sheet:
    lists = yaml.safe_load(files(__package__).joinpath("corpus", f"{name}.yaml").read_text(encoding="utf-8"))
    slots = {str(slot): [str(each) for each in texts] for slot, texts in lists.pop("slots").items()}
    return _Sheet(slots, {str(kind): [str(each) for each in texts] for kind, texts in lists.items()})


def _filled(template: str, slots: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    text = _SLOT.sub(lambda match: str(chance.choice(slots[match[1]])), template)
    return re.sub(r" {2,}", " ", text).strip().replace("{{", "{").replace("}}", "}")


def _varied(text: str, chance: random.Random) -> str:
    """As people type: now and then in capitals, in small letters or without the last stop."""
    draw = chance.random()
    if draw < 0.12:
        return text.lower()
    if draw < 0.18:
        return text.upper()
    if draw < 0.35:
        return text.rstrip(".")
    return text[:1].upper() + text[1:]


def _laid_out(texts: Sequence[str], chance: random.Random) -> str:
    """The sentences as running text, as lines or as numbered rules."""
    capital = [each[:1].upper() + each[1:] for each in texts]
    draw = chance.random()
    if draw < 0.65:
        return " ".join(capital)
    if draw < 0.85:
        return "\n".join(capital)
    return "\n".join([capital[0], *(f"{number}. {each}" for number, each in enumerate(capital[1:], 1))])
