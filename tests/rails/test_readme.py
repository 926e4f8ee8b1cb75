from __future__ import annotations

import re
import textwrap
from pathlib import Path

from assistant.rails import read_bundle

from .conftest import Write


def blocks(readme: str, language: str) -> list[str]:
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", readme, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block) for _, block in found]


def test_the_change_in_the_readme_works_as_it_is_described(repo: Path, write: Write, shop: dict[str, str]) -> None:
    _, form, rail, message = blocks((repo / "rails" / "README.md").read_text(), "colang")
    examples = "  sick-notes: {block: [write me a note], pass: [when are you open]}\n"
    policy = "## sick-notes\n- Stops: a.\n- Why: b.\n- Source: c.\n- Owner: d.\n- Review: 2027-05-01\n"
    files = {
        **shop,
        "topics.co": f"{shop['topics.co']}\n{form}",
        "input/sick-notes.co": rail,
        "messages.co": f"{shop['messages.co']}\n{message}",
        "policy.md": f"{shop['policy.md']}\n{policy}",
        "examples.yaml": shop["examples.yaml"] + examples,
    }

    bundle = read_bundle(write(files), "shop")

    assert [rail.messages for rail in bundle.rails if rail.name == "sick-notes"] == [("refuse sick note",)]


def test_the_new_vertical_in_the_readme_works(repo: Path, write: Write) -> None:
    (settings,) = blocks((repo / "rails" / "README.md").read_text(), "yaml")

    bundle = read_bundle(write({"vertical.yaml": settings, "topics.co": 'define user ask\n  "when"\n'}), "shop")

    assert bundle.vertical.title == "Library desk"
