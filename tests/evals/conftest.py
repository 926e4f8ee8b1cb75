from __future__ import annotations

from pathlib import Path

import pytest

from assistant.cases import Case, CaseDocument
from assistant.commands.evals import open_bench
from assistant.evals.contenders import Bench
from assistant.evals.results import Result
from assistant.models import ScriptedChat
from assistant.parts import Parts
from assistant.settings import Settings

RETURNS = "You can return an unopened item within 30 days from delivery."
OPENED = "Opened items can be returned within 14 days."
DELIVERY = "Standard delivery takes 3 to 5 business days and costs 4.90 euros."


def case(id_: str, question: str = "How?", reference: str = "So.", **more: object) -> Case:
    fields = {"task": "answer", "cite": "returns.md" if reference else None, "split": "test", **more}
    return Case(id=id_, question=question, reference=reference, **fields)  # type: ignore[arg-type]


def result(id_: str, text: str, model: str = "a", **more: object) -> Result:
    return Result(model, "railed", id_, more.pop("outcome", "answered"), text, **more)  # type: ignore[arg-type]


CASES = (
    case("unopened", "How long do I have to return an unopened item?", RETURNS),
    case("opened", "How long do I have to return an opened item?", OPENED),
    case("delivery", "How long does delivery take?", DELIVERY),
    case("nothing", "How much does the tent weigh?", ""),
    case(
        "brought",
        "How much does the tent weigh?",
        "The tent weighs 2.1 kg.",
        documents=(CaseDocument(id="tent", title="Tent", text="Name: Fell\nWeight: 2.1 kg"),),
        cite="tent",
    ),
)


@pytest.fixture
def other() -> ScriptedChat:
    """A second model, `other`."""
    return ScriptedChat()


@pytest.fixture
def bench(scripted: Parts, settings: Settings, other: ScriptedChat) -> Bench:
    scripted.models.add("other", other)
    return open_bench(settings, scripted, "shop", 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "run" / "shop"
