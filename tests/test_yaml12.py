"""YAML is read as ruamel.yaml reads YAML 1.2, however it is read faster."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from assistant import yaml12
from assistant.yaml12 import read_yaml

WORDS = st.text("yYnNoOfFtTrRuUeElLaAsS~0123456789.-+_xXbB:<=!&*#'\"|>%@`?[]{},\\ ", max_size=8) | st.text(max_size=4)
LINES = st.builds(
    "{}{}{}".format, st.sampled_from(["", "  ", "    "]), st.sampled_from(["- ", "a: ", "b:\n  ", "? ", ""]), WORDS
)
FLOWS = st.lists(WORDS, max_size=3).map(lambda words: f"[{', '.join(words)}]")
TEXTS = st.lists(LINES | FLOWS, max_size=5).map("\n".join)
WORDED = [
    "no",
    "010",
    "0o10",
    "1_000",
    "1e3",
    "",
    "null",
    "2026-02-03",
    "2026-02-30",
    "0x1F",
    ".inf",
    "1:30",
    "<<",
    "=",
]


def by_ruamel(text: str) -> object:
    return YAML(typ="safe", pure=True).load(text)


def told(read, text: str) -> object:
    """What `read` makes of the text, or what it says is wrong with it."""
    try:
        return repr(read(text))
    except Exception as error:  # noqa: BLE001 — whatever it is, it has to be the same
        return type(error), str(error)


@given(WORDS | TEXTS)
@settings(max_examples=150, deadline=None)
def test_what_ruamel_reads_is_read_alike(text):
    expected = told(by_ruamel, text)
    assert told(read_yaml, text) == expected or not isinstance(expected, str)


@pytest.mark.parametrize("word", WORDED)
def test_a_plain_word_is_what_yaml_1_2_says(word):
    assert told(read_yaml, f"a: {word}") == told(by_ruamel, f"a: {word}")


@pytest.mark.parametrize(
    "text", ["a: 1\na: 2", "a: &b [1]\nc: *b", "a: !!set {b}", "--- a\n--- b", "[" * 99, "- " * 99, "a: [", "a:\tb"]
)
def test_what_is_not_everyday_is_left_to_ruamel(text):
    assert told(read_yaml, text) == told(by_ruamel, text)


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "{a: " * 20_000])
def test_what_is_nested_without_end_is_refused_at_once(text):
    with pytest.raises(RecursionError, match="more than 200 deep"):  # By ruamel.yaml alone it takes hours.
        read_yaml(text)


def test_what_we_ship_is_read_without_it(repo: Path, monkeypatch: pytest.MonkeyPatch):
    files = [*(repo / "rails").rglob("*.yaml"), *(repo / "knowledge").rglob("*tions.yaml")]
    files += (repo / "knowledge").rglob("sentences.yaml")
    expected = [by_ruamel(file.read_text()) for file in files]

    class OfWordsAlone(YAML):
        def load(self, text: str) -> object:
            assert "\n" not in text
            return super().load(text)

    monkeypatch.setattr(yaml12, "YAML", OfWordsAlone)
    assert len(files) == 17
    assert [read_yaml(file.read_text()) for file in files] == expected
