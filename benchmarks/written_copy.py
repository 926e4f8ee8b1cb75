"""Product sheets with copy that says nothing else, written by us as a small grammar; to tune on, never to report on.

Things, makers and figures are drawn at random; each sheet is asked for in one of several ways, and the text follows it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.cases import Case, CaseDocument

_STARTS = (
    "Bram",
    "Calder",
    "Dor",
    "Elm",
    "Fenn",
    "Gorse",
    "Hollin",
    "Ister",
    "Kes",
    "Lind",
    "Marl",
    "Nor",
    "Oster",
    "Pell",
)
_ENDS = ("wick", "ley", "by", "ton", "mere", "stead", "low", "field", "worth", "ham")
_MODELS = (
    "Ada",
    "Birch",
    "Comet",
    "Drift",
    "Echo 2",
    "Flint",
    "Grove",
    "Harbour",
    "Iris",
    "Juno",
    "Kite",
    "Loft 3",
    "Mistral",
)
_COLOURS = ("black", "white", "sand", "navy", "olive", "rust", "stone", "moss", "cream", "slate", "plum", "mint")
_THINGS: Mapping[str, Sequence[str]] = {
    "kettle": ("capacity_l", "power", "weight", "material", "cable", "colours", "warranty"),
    "toaster": ("power", "weight", "width", "material", "colours", "warranty"),
    "office chair": ("height", "weight", "load", "material", "colours", "warranty"),
    "bicycle lamp": ("light", "running", "charging", "weight", "protection", "warranty"),
    "table lamp": ("height", "weight", "light", "power", "material", "cable", "warranty"),
    "rucksack": ("capacity_l", "weight", "material", "pockets", "colours", "warranty"),
    "rain jacket": ("weight", "material", "pockets", "sizes", "colours"),
    "pair of headphones": ("running", "charging", "weight", "colours", "warranty"),
    "loudspeaker": ("running", "charging", "weight", "protection", "power", "colours"),
    "desk": ("width", "depth", "height", "weight", "load", "material", "warranty"),
    "water bottle": ("capacity_ml", "weight", "material", "colours", "dishwasher"),
    "saucepan": ("capacity_l", "weight", "material", "dishwasher", "warranty"),
    "vacuum cleaner": ("power", "weight", "noise", "cable", "warranty"),
    "tent": ("sleeps", "weight", "height", "material", "warranty"),
    "electric toothbrush": ("running", "charging", "noise", "colours", "warranty"),
    "bookshelf": ("height", "width", "depth", "weight", "load", "material"),
    "wool blanket": ("width", "length", "weight", "material", "colours"),
    "garden hose": ("length", "weight", "material", "warranty"),
    "camera bag": ("capacity_l", "weight", "pockets", "material", "colours"),
    "coffee grinder": ("power", "weight", "noise", "material", "cable", "warranty"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a sheet, and how it is said: `say` after the name, `short` in a row of others, `about` as a topic."""

    key: str
    value: str
    say: str
    short: str
    about: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is known about one thing."""

    name: str
    thing: str
    facts: Sequence[Fact]

    @property
    def kind(self) -> str:
        """With its article."""
        return f"{'an' if self.thing[0] in 'aeiou' else 'a'} {self.thing}"

    @property
    def last(self) -> str:
        """The name without its maker."""
        return self.name.split(" ", 1)[1]

    @property
    def text(self) -> str:
        """As a shop would keep it."""
        facts = (f"{each.key}: {each.value}" for each in self.facts)
        return "\n".join([f"Name: {self.name}", f"Category: {self.thing}", *facts])


def written_copy(count: int, *, seed: int = 5) -> Iterator[Case]:
    """`count` cases, the same for the same seed."""
    chance = random.Random(seed)
    for number in range(count):
        thing = chance.choice(sorted(_THINGS))
        name = f"{chance.choice(_STARTS)}{chance.choice(_ENDS)} {chance.choice(_MODELS)}"
        keys = list(_THINGS[thing])
        chosen = sorted(chance.sample(keys, min(len(keys), chance.randint(3, 6))), key=keys.index)
        sheet = Sheet(name, thing, [_FACTS[key](chance) for key in chosen])
        question, text = chance.choice(_REQUESTS)(chance, sheet)
        document = CaseDocument(id="sheet", title="Fact list", text=sheet.text)
        yield Case(
            id=f"written-{number}",
            task="write",
            question=question,
            documents=(document,),
            reference=text,
            cite="sheet",
            split="train",
        )


def _number(chance: random.Random, low: int, high: int, step: int = 1) -> int:
    return chance.randrange(low, high, step)


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _measure(
    key: str, unit: str, low: int, high: int, step: int, say: str, short: str, about: str
) -> Callable[[random.Random], Fact]:
    def fact(chance: random.Random) -> Fact:
        value = f"{_number(chance, low, high, step)} {unit}"
        return Fact(key, value, say.format(value), short.format(value), about)

    return fact


def _decimal(
    key: str, unit: str, low: int, high: int, say: str, short: str, about: str
) -> Callable[[random.Random], Fact]:
    def fact(chance: random.Random) -> Fact:
        value = f"{_number(chance, low, high) / 10:.1f} {unit}"
        return Fact(key, value, say.format(value), short.format(value), about)

    return fact


def _material(chance: random.Random) -> Fact:
    value = chance.choice(
        (
            "solid beech",
            "stainless steel",
            "recycled polyester",
            "aluminium and cork",
            "ash, steel base",
            "organic cotton",
            "powder-coated steel",
            "glass, oak handle",
            "waxed canvas",
            "lambswool",
            "birch plywood",
            "copper, brass handle",
        )
    )
    said = value.replace(", ", " with a ") if ", " in value else value
    article = said.replace(" with a o", " with an o")
    return Fact("Material", value, f"is made of {article}", f"made of {article}", "what it is made of")


def _colours(chance: random.Random) -> Fact:
    colours = chance.sample(_COLOURS, chance.randint(2, 4))
    return Fact(
        "Colours", ", ".join(colours), f"comes in {_joined(colours)}", f"available in {_joined(colours)}", "its colours"
    )


def _warranty(chance: random.Random) -> Fact:
    years = chance.choice((1, 2, 3, 5, 10))
    value = f"{years} year" if years == 1 else f"{years} years"
    return Fact("Warranty", value, f"has a warranty of {value}", f"with a warranty of {value}", "its warranty")


def _sizes(chance: random.Random) -> Fact:
    low, high = chance.choice((("XS", "XL"), ("S", "XXL"), ("S", "L")))
    return Fact(
        "Sizes", f"{low} to {high}", f"comes in sizes {low} to {high}", f"in sizes {low} to {high}", "its sizes"
    )


def _dishwasher(chance: random.Random) -> Fact:
    if chance.random() < 0.5:
        return Fact("Dishwasher safe", "yes", "is dishwasher safe", "dishwasher safe", "how to clean it")
    return Fact("Dishwasher safe", "no", "is not dishwasher safe", "not dishwasher safe", "how to clean it")


def _protection(chance: random.Random) -> Fact:
    mark = chance.choice(("IP44", "IP54", "IP65", "IPX4", "IPX7"))
    return Fact(
        "Protection", mark, f"carries the protection mark {mark}", f"protected to {mark}", "its protection mark"
    )


def _pockets(chance: random.Random) -> Fact:
    n = _number(chance, 2, 9)
    return Fact("Pockets", str(n), f"has {n} pockets", f"with {n} pockets", "its pockets")


_FACTS: Mapping[str, Callable[[random.Random], Fact]] = {
    "weight": _decimal("Weight", "kg", 2, 90, "weighs {}", "weighing {}", "its weight"),
    "height": _measure("Height", "cm", 12, 180, 1, "is {} high", "{} high", "its height"),
    "width": _measure("Width", "cm", 15, 200, 1, "is {} wide", "{} wide", "its width"),
    "depth": _measure("Depth", "cm", 15, 90, 1, "is {} deep", "{} deep", "its depth"),
    "length": _measure("Length", "m", 2, 40, 1, "is {} long", "{} long", "its length"),
    "capacity_l": _decimal("Capacity", "l", 8, 60, "holds {}", "holding {}", "its capacity"),
    "capacity_ml": _measure("Capacity", "ml", 300, 1200, 50, "holds {}", "holding {}", "its capacity"),
    "power": _measure("Power", "W", 5, 2400, 5, "draws {}", "drawing {}", "the power it draws"),
    "light": _measure("Light output", "lm", 80, 1500, 10, "gives {}", "giving {}", "how bright it is"),
    "running": _measure("Running time", "hours", 4, 60, 1, "runs for {}", "running for {}", "its battery"),
    "charging": _measure("Charging", "hours by USB-C", 1, 7, 1, "charges in {}", "charging in {}", "how it charges"),
    "load": _measure("Maximum load", "kg", 20, 160, 5, "carries up to {}", "carrying up to {}", "what it carries"),
    "noise": _measure("Noise level", "dB", 38, 82, 1, "has a noise level of {}", "at a noise level of {}", "its noise"),
    "cable": _decimal("Cable", "m", 8, 50, "has a cable of {}", "with a cable of {}", "its cable"),
    "sleeps": _measure("Sleeps", "people", 2, 7, 1, "sleeps {}", "sleeping {}", "how many it sleeps"),
    "material": _material,
    "colours": _colours,
    "warranty": _warranty,
    "sizes": _sizes,
    "dishwasher": _dishwasher,
    "protection": _protection,
    "pockets": _pockets,
}


def _sentences(sheet: Sheet) -> str:
    """All facts in sentences of one or two each, the thing named in each of them."""
    first, *others = sheet.facts
    said = [f"The {sheet.name} is {sheet.kind} that {first.say}."]
    while others:
        few, others = others[:2], others[2:]
        said.append(f"The {sheet.last} {_joined([each.say for each in few])}.")
    return " ".join(said)


def _description(chance: random.Random, sheet: Sheet) -> tuple[str, str]:
    asked = (
        "Describe this product for our shop.",
        "Please draft a product text from the list.",
        "Write a catalogue text.",
        "Write a few sentences for the product page.",
        "Put these facts into running text.",
        "Correct the copy so that it agrees with the fact list.",
    )
    return chance.choice(asked), _sentences(sheet)


def _one_sentence(chance: random.Random, sheet: Sheet) -> tuple[str, str]:
    few = sheet.facts[: chance.randint(1, 3)]
    return (
        chance.choice(
            ("Describe it in one sentence.", "One sentence for the leaflet, please.", "Sum it up in a single sentence.")
        ),
        f"The {sheet.name} is {sheet.kind} that {_joined([each.say for each in few])}.",
    )


def _headline(chance: random.Random, sheet: Sheet) -> tuple[str, str]:
    fact = chance.choice(sheet.facts)
    words = chance.choice((6, 7, 9, 10))
    asked = (
        f"Give me a headline of no more than {words} words.",
        "A short title for the advert, please.",
        "Suggest a slogan.",
    )
    return chance.choice(asked), f"{sheet.name}: {fact.short}."


def _points(chance: random.Random, sheet: Sheet) -> tuple[str, str]:
    count = min(len(sheet.facts), chance.randint(2, 5))
    asked = (
        f"Give {count} bullet points from the sheet.",
        f"Name {count} selling points.",
        f"What are {count} facts to print?",
    )
    return chance.choice(asked), "\n".join(f"The {sheet.last} {each.say}." for each in sheet.facts[:count])


def _post(chance: random.Random, sheet: Sheet) -> tuple[str, str]:
    few = chance.sample(sheet.facts, min(2, len(sheet.facts)))
    asked = (
        "Write a post for our page.",
        "A short social post about it, at most 30 words.",
        "Announce it to our followers.",
    )
    return chance.choice(asked), f"Meet the {sheet.name}. It {few[0].say}" + (
        f" and {few[1].say}." if len(few) > 1 else "."
    )


def _about(chance: random.Random, sheet: Sheet) -> tuple[str, str]:
    fact = chance.choice(sheet.facts)
    asked = (
        f"Write one line about {fact.about}.",
        f"Only {fact.about}, please.",
        f"A sentence on {fact.about} for the label.",
    )
    return chance.choice(asked), f"The {sheet.name} {fact.say}."


def _reply(chance: random.Random, sheet: Sheet) -> tuple[str, str]:
    fact, *more = chance.sample(sheet.facts, min(2, len(sheet.facts)))
    asked = f"A customer wants to know {fact.about}" + (
        f" and {more[0].about}. Draft the answer." if more else ". Draft the answer."
    )
    said = f"The {sheet.name} {fact.say}" + (f", and it {more[0].say}." if more else ".")
    return asked, f"Thank you for your question. {said}"


def _picture(chance: random.Random, sheet: Sheet) -> tuple[str, str]:
    seen = [each for each in sheet.facts if each.key in ("Material", "Colours", "Height", "Width")][:1]
    words = ("A caption for the photograph.", "Text for people who cannot see the picture.")
    detail = f", {seen[0].short}" if seen else ""
    return chance.choice(words), f"The {sheet.name}, {sheet.kind}{detail}."


_REQUESTS = (
    _description,
    _description,
    _description,
    _one_sentence,
    _headline,
    _points,
    _post,
    _about,
    _about,
    _reply,
    _picture,
)
