"""A small vertical in a folder of its own, over a copy of the real shared rails."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from assistant.rails import RailBundle, RailEngine, effective_limits, read_bundle

AUTO = {"topics": 0.4, "injection": 0.5, "grounding": 0.5}
SHOP = {
    "vertical.yaml": "vertical:\n  title: Shop desk\n",
    "topics.co": 'define user ask about returns\n  "how do I send it back"\n\n'
    'define user ask for a discount\n  "make it cheaper for me"\n\n'
    'define user off topic sport\n  "who won the match"\n',
    "messages.co": 'define bot refuse discount\n  "I cannot give a discount. Please ask at the till."\n\n'
    'define bot refuse slogan\n  "I left out a slogan. Please ask the marketing team."\n',
    "phrases.yaml": "phrases:\n  haggling:\n    - cheaper\n  slogans:\n    - {pattern: '\\bbest ever\\b'}\n",
    "input/discounts.co": "# Stops haggling.\ndefine subflow discounts\n"
    '  if $topics.form == "ask for a discount"\n    bot refuse discount\n    stop\n'
    "  else if $phrases.haggling > 1 and not $turn == 1\n    bot refuse discount\n    stop\n",
    "output/slogans.co": "define subflow slogans\n  if $phrases.slogans > 0\n    bot refuse slogan\n    stop\n",
    "policy.md": "# Shop desk: policy\n\nWhat the desk may say.\n\n"
    + "".join(
        f"## {name}\n- Stops: a.\n- Why: b.\n- Source: c.\n- Owner: d.\n- Review: 2027-05-01\n\n"
        for name in ("discounts", "slogans")
    ),
    "examples.yaml": "examples:\n  discounts:\n    block: [any chance of ten per cent off]\n"
    "    pass: [where do returns go]\n"
    "  slogans:\n    block: [{text: It is the best ever lamp., evidence: []}]\n"
    "    pass: [{text: The lamp weighs 2 kg., evidence: [The lamp weighs 2 kg.]}]\n",
}

Write = Callable[..., Path]


@pytest.fixture
def shop() -> dict[str, str]:
    """The files of a vertical without a mistake."""
    return dict(SHOP)


@pytest.fixture
def write(tmp_path: Path, repo: Path) -> Write:
    """Writes files as the vertical `shop` and returns the rails folder; None leaves a file out."""

    def put(files: dict[str, str | None], *, name: str = "shop") -> Path:
        return put_files(tmp_path / "rails", repo, files, name=name)

    return put


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory, repo: Path) -> RailBundle:
    return read_bundle(put_files(tmp_path_factory.mktemp("shop") / "rails", repo, SHOP, name="shop"), "shop")


@pytest.fixture(scope="session")
def engine(bundle: RailBundle) -> RailEngine:
    return RailEngine.build(bundle, effective_limits(bundle, AUTO))


def put_files(rails: Path, repo: Path, files: Mapping[str, str | None], *, name: str) -> Path:
    if not rails.exists():
        shutil.copytree(repo / "rails" / "shared", rails / "shared")
    for path, text in files.items():
        file = rails / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            file.unlink(missing_ok=True)
        else:
            file.write_bytes(text.encode())
    return rails
