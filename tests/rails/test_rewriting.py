"""One thing in a rail file is changed; comments and all the rest stay as somebody wrote them."""

from __future__ import annotations

import pytest

from assistant.errors import Invalid
from assistant.rails.rewriting import (
    forms_of,
    with_changed_example,
    with_example,
    with_form,
    with_message,
    with_moved_example,
    with_renamed_form,
    with_section,
    with_trial,
    without_example,
    without_trial,
)
from assistant.rails.sheets import parse_examples

TOPICS = """# What may be asked.

# Money first
define user ask for a refund  # the most asked
  "I want my money back"   # from the shop floor
  # a comment between
  "how do I return this"

# Then the rest
define user off topic sport
  "who won the match"
"""
EXAMPLES = """# Agreed with legal on 3 May.
examples:
  discounts:
    block:
      # typed in anger
      - "cheaper!"
    pass: [where do returns go]
"""
POLICY = "# Policy\n\n## discounts\n- Stops: a.\n- Why: b.\n\n## slogans\n- Stops: c.\n"


def added_and_removed(before: str, after: str) -> tuple[list[str], list[str]]:
    was, now = before.split("\n"), after.split("\n")
    return [line for line in now if line not in was], [line for line in was if line not in now]


def test_the_forms_are_read_with_their_examples():
    read = {form.name: form.examples for form in forms_of(TOPICS)}
    assert read == {
        "ask for a refund": ("I want my money back", "how do I return this"),
        "off topic sport": ("who won the match",),
    }


def test_an_example_is_added_below_the_last_of_its_form():
    after = with_example(TOPICS, "ask for a refund", 'give "it" back')
    assert added_and_removed(TOPICS, after) == (["  \"give 'it' back\""], [])
    assert forms_of(after)[0].examples[-1] == "give 'it' back"


def test_an_example_is_changed_at_its_place_and_keeps_its_comment():
    after = with_changed_example(TOPICS, "ask for a refund", "I want my money back", "refund me")
    assert '  "refund me"   # from the shop floor' in after.split("\n")


def test_an_example_moves_to_another_form():
    after = with_moved_example(TOPICS, "how do I return this", "ask for a refund", "off topic sport")
    assert {form.name: form.examples for form in forms_of(after)} == {
        "ask for a refund": ("I want my money back",),
        "off topic sport": ("who won the match", "how do I return this"),
    }
    assert "  # a comment between" in after


def test_a_form_goes_with_its_last_example_and_the_comment_of_the_next_stays():
    after = without_example(without_example(TOPICS, "ask for a refund", "I want my money back"),
                            "ask for a refund", "how do I return this")  # fmt: skip
    assert [form.name for form in forms_of(after)] == ["off topic sport"]
    assert "# Then the rest" in after


def test_a_form_is_renamed_and_one_is_added():
    after = with_form(
        with_renamed_form(TOPICS, "ask for a refund", "ask for money"), "ask about size", "how tall is it"
    )
    assert [form.name for form in forms_of(after)] == ["ask for money", "off topic sport", "ask about size"]
    assert "# the most asked" in after


@pytest.mark.parametrize("name", ["", "Ask About", "ask-", 'a" or b', "off topic sport"])
def test_a_form_is_not_given_a_name_that_could_not_be_read_or_is_taken(name):
    if name == "Ask About":  # Capital letters are mended: nobody has to know the rule.
        assert "define user ask about\n" in with_form(TOPICS, name, "x")
        return
    with pytest.raises(Invalid):
        with_form(TOPICS, name, "x")


def test_what_is_not_there_any_more_is_told():
    with pytest.raises(Invalid, match="no form"):
        with_example(TOPICS, "ask about size", "how tall")
    with pytest.raises(Invalid, match="no example"):
        without_example(TOPICS, "off topic sport", "who lost")


def test_a_message_is_changed_or_added():
    text = '# Kind words only.\ndefine bot refuse\n  "No."\n'
    assert with_message(text, "refuse", "Sorry.") == '# Kind words only.\ndefine bot refuse\n  "Sorry."\n'
    assert with_message("", "refuse", "Sorry.") == 'define bot refuse\n  "Sorry."\n'


def test_a_section_of_the_policy_is_replaced_between_the_others():
    after = with_section(POLICY, "discounts", "- Stops: everything.")
    assert after == "# Policy\n\n## discounts\n- Stops: everything.\n\n## slogans\n- Stops: c.\n"
    assert with_section(POLICY, "new", "- Stops: d.").endswith("\n\n## new\n- Stops: d.\n")


def test_an_example_of_a_rail_is_added_and_taken_away_with_the_comments_left():
    after = with_trial(EXAMPLES, "discounts", "block", {"text": "half price: now", "evidence": ["No."]})
    assert "# Agreed with legal on 3 May." in after and "# typed in anger" in after
    read = parse_examples("examples.yaml", after)[0]["discounts"]
    assert [each.text for each in read["block"]] == ["cheaper!", "half price: now"]
    assert read["block"][1].evidence == ("No.",)
    back = parse_examples("examples.yaml", without_trial(after, "discounts", "block", "half price: now"))[0]
    assert back == parse_examples("examples.yaml", EXAMPLES)[0]


@pytest.mark.parametrize("broken", ["examples: [", "- a\n", "other: {}\n"])
def test_a_file_that_cannot_be_read_is_not_overwritten(broken):
    with pytest.raises(Invalid, match=r"examples\.yaml"):
        with_trial(broken, "discounts", "block", "x")


@pytest.mark.parametrize("vertical", ["shared", "feedback", "marketing", "medical"])
def test_a_shipped_file_keeps_every_line_that_was_not_changed(repo, vertical):
    text = (repo / "rails" / vertical / "examples.yaml").read_text(encoding="utf-8")
    rail = next(iter(parse_examples("examples.yaml", text)[0]))
    back = without_trial(with_trial(text, rail, "pass", "one more"), rail, "pass", "one more")
    assert [line for line in back.split("\n") if line] == [line for line in text.split("\n") if line]
