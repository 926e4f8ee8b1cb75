from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.rails.colang import parse_flow, parse_texts
from assistant.rails.sheets import parse_examples, parse_floors, parse_phrases, parse_policy

PIECES = [
    "define subflow late\n",
    "define user a\n",
    "define bot a\n",
    "  ",
    "    ",
    "\t",
    "\n",
    '"',
    "#",
    "if ",
    "else if ",
    "else",
    "bot a",
    "stop",
    "$turn",
    "$x",
    " = ",
    " > ",
    "1",
    "(",
    ")",
    "not ",
    " and ",
    "in ",
    "\\",
    "\u202e",
    "\x00",
    ": ",
    "- ",
    "{",
    "[",
    "phrases:\n",
    "examples:\n",
    "floors:\n",
    "## a\n",
    "pattern",
    "block",
    "&a",
    "*a",
    "<<",
    "? ",
    "2026-02-30",
    "!!python/name:os",
    "\U0001f600",
]
TEXTS = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=60).map("".join))


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_no_text_breaks_the_readers(text: str) -> None:
    parse_flow("late.co", text)
    parse_texts("topics.co", text, "user")
    parse_texts("messages.co", text, "bot")
    parse_phrases("phrases.yaml", text)
    parse_policy("policy.md", text)
    parse_examples("examples.yaml", text)
    parse_floors("floors.yaml", text)


def test_deep_nesting_is_refused_not_a_crash() -> None:
    deep = "".join("  " * (n + 1) + "if $turn > 1\n" for n in range(3000))
    for body in (deep, f"  if {'(' * 5000}$turn{')' * 5000} > 1\n    stop\n", f"  if {'not ' * 5000}True\n    stop\n"):
        _, problems = parse_flow("late.co", "define subflow late\n" + body)

        assert any("make it several rails" in each.message for each in problems)


def test_deep_yaml_is_refused_not_a_crash() -> None:
    _, problems = parse_phrases("phrases.yaml", "phrases:\n  a: " + "[" * 5000)

    assert [each.file for each in problems] == ["phrases.yaml"]
