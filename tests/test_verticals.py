from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import InvalidVertical, UnknownVertical
from assistant.rails import RailEngine, effective_limits, lint, read_bundle
from assistant.verticals import list_verticals, parse_vertical, read_vertical

SHIPPED = ("feedback", "marketing", "medical")


def test_everything_but_the_title_has_a_default() -> None:
    vertical = parse_vertical("shop", "vertical:\n  title: Shop desk\n", file="vertical.yaml")

    assert (vertical.name, vertical.title, vertical.tasks, vertical.model) == (
        "shop",
        "Shop desk",
        ("answer",),
        "smollm2-135m",
    )
    assert vertical.retrieval.k == 4 and vertical.personal_data.output == "mask"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("vertical:\n  language: en\n", "vertical.title: Field required"),
        ("vertical:\n  title: a\n  titel: b\n", "vertical.titel: unknown key"),
        ("vertical:\n  title: a\n  retrieval: {k: 0}\n", "vertical.retrieval.k: .*greater than or equal to 1"),
        ("vertical:\n  title: a\n  retrieval: {top: 3}\n", "vertical.retrieval.top: unknown key"),
        ("vertical:\n  title: a\n  limits: {topics: 1.5}\n", "vertical.limits.topics"),
        ("vertical:\n  title: a\n  tasks: [translate]\n", "vertical.tasks.0"),
        ("vertical:\n  title: a\n  name: b\n", "vertical.name: unknown key"),
        ("vertical:\n  title: a\n  title: b\n", "v.yaml:3: .*duplicate key"),
        ("vertical:\n  title: [a\n", "v.yaml:3: not valid YAML"),
        ("title: a\n", "exactly one root key"),
        ("vertical:\n  title: a\nrails: {}\n", "exactly one root key"),
        ("", "exactly one root key"),
    ],
)
def test_a_wrong_setting_is_refused_with_file_and_key(text: str, reason: str) -> None:
    with pytest.raises(InvalidVertical, match=f"v.yaml.*{reason.removeprefix('v.yaml')}"):
        parse_vertical("shop", text, file="v.yaml")


def test_a_bare_off_means_the_word(tmp_path: Path) -> None:
    vertical = parse_vertical("shop", "vertical:\n  title: a\n  personal_data: {records: off}\n", file="v.yaml")

    assert vertical.personal_data.records == "off"


@pytest.mark.parametrize("name", ["shop", "shared", "..", "Shop", ""])
def test_only_a_folder_with_settings_is_a_vertical(tmp_path: Path, name: str) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "vertical.yaml").write_text("vertical:\n  title: a\n")

    with pytest.raises(UnknownVertical):
        read_vertical(tmp_path / name)
    assert list_verticals(tmp_path) == ()


def test_the_shipped_verticals_are_there(repo: Path) -> None:
    assert list_verticals(repo / "rails") == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_vertical_has_no_problems(repo: Path, name: str) -> None:
    assert lint(repo / "rails", name) == ()


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_vertical_is_complete(repo: Path, name: str) -> None:
    bundle = read_bundle(repo / "rails", name)
    own = [form for form in bundle.forms if form not in bundle.small_talk]
    counter = [form for form in own if form.startswith("off topic")]

    assert len(own) - len(counter) >= 8 and len(counter) >= 4
    assert all(len(bundle.forms[form]) >= 6 for form in own)
    assert {rail.stage for rail in bundle.rails if rail.owner == name} == {"input", "output"}
    for rail in bundle.rails:
        examples = bundle.examples[rail.name]
        assert len(examples["pass"]) >= 6 and len(examples["block"]) >= 6, rail.name
    assert {f"answer {form}" for form in bundle.small_talk} <= bundle.messages.keys()


@pytest.mark.parametrize("name", SHIPPED)
def test_nemo_reads_a_shipped_vertical_as_we_do(repo: Path, name: str) -> None:
    bundle = read_bundle(repo / "rails", name)
    engine = RailEngine.build(bundle, effective_limits(bundle, {"topics": 0.4, "injection": 0.5, "grounding": 0.5}))

    assert [rail.name for rail in engine.rails("evidence")] == ["injection"]
    assert all(engine.message_of(rail.name) for rail in bundle.rails)


@pytest.mark.parametrize("name", SHIPPED)
def test_no_example_repeats_what_the_assistant_was_taught(repo: Path, name: str) -> None:
    bundle = read_bundle(repo / "rails", name)
    taught = {text.casefold() for texts in bundle.forms.values() for text in texts}

    tried = [each.text for lists in bundle.examples.values() for texts in lists.values() for each in texts]
    assert [text for text in tried if text.casefold() in taught] == []
