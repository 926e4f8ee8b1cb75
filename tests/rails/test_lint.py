from __future__ import annotations

import os
from pathlib import Path

import pytest

from assistant.errors import InvalidRail, InvalidVertical, UnknownVertical
from assistant.rails import lint, read_bundle
from assistant.rails.lint import reserved_flows

from .conftest import Write

RAIL = "define subflow discounts\n  if {}\n    bot refuse discount\n    stop\n"


def test_a_vertical_without_a_mistake_has_no_problems(write: Write, shop: dict[str, str]) -> None:
    assert lint(write(shop), "shop") == ()


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("$topic.score < 0.5", "neither a measurement nor set above"),
        ("$topics.scor < 0.5", r"\$topics.scor does not exist; there is \$topics.form, \$topics.score"),
        ("$topics < 0.5", "does not exist"),
        ("$topics.score < $limits.topcs", r"\$limits.topcs does not exist"),
        ("$topics.score < $limits", "does not exist"),
        ("$grounding.score < 0.5", "not measured at input"),
        ("$sentence.claim", "not measured at input"),
        ("$phrases.hagling > 0", r"does not exist; there is \$phrases.haggling"),
        ('$topics.form == "ask for a discont"', "is never"),
        ('$topics.form in "ask for a discont"', "is never"),
        ('$injection.kind == "overide"', "it can be none, override"),
        ('$task == "summarise"', "it can be answer, summarize, write"),
        ('"emails" in $personal_data.kinds', "it can be person, email"),
        ('$topics.score == "high"', "a number and a text cannot be compared"),
        ("$topics.form < 1", "a text and a number cannot be compared"),
        ('$topics.form > "a"', "a text and a text cannot be compared"),
        ("$topics.score in $personal_data.kinds", "cannot be compared with `in`"),
        ("$personal_data.kinds == $personal_data.kinds", "cannot be compared"),
        ("$topics.score", "not a yes or no"),
        ("$phrases.haggling and $turn > 1", "not a yes or no"),
        ("$topics.score < 5", "runs from 0 to 1"),
        ("1 == 1", "reads no measurement"),
        ("True", "reads no measurement"),
        ("$late", "neither a measurement nor set above"),
        ("$task.name == 1", "does not exist"),
        ("$config.rails", "neither a measurement"),
    ],
)
def test_a_condition_that_means_nothing_is_named_with_file_and_line(
    write: Write, shop: dict[str, str], condition: str, reason: str
) -> None:
    rails = write({**shop, "input/discounts.co": RAIL.format(condition)})

    with pytest.raises(InvalidRail, match=rf"shop/input/discounts\.co:2: .*{reason}"):
        read_bundle(rails, "shop")


@pytest.mark.parametrize(
    ("body", "line", "reason"),
    [
        ("  bot refuse discount\n  stop\n", 2, "stops every text"),
        ("  $x = $turn > 1\n", 1, "never stops anything"),
        ("  if $turn > 1\n    bot refuse discont\n    stop\n", 3, "`refuse discont` is not defined"),
        ("  $topics = 1\n  if $turn > 1\n    bot refuse discount\n    stop\n", 2, "is measured and cannot be set"),
        ("  $x = 1\n  $x = True\n  if $turn > 1\n    bot refuse discount\n    stop\n", 3, "of another kind"),
        (
            "  if $turn > 1\n    $x = 1\n  if $x == 1\n    bot refuse discount\n    stop\n",
            4,
            "neither a measurement nor set above",
        ),
    ],
)
def test_a_body_that_decides_by_accident_is_refused(
    write: Write, shop: dict[str, str], body: str, line: int, reason: str
) -> None:
    rails = write({**shop, "input/discounts.co": "define subflow discounts\n" + body})

    assert any(p.line == line and reason in p.message for p in lint(rails, "shop") if p.file.endswith("discounts.co"))


@pytest.mark.parametrize("name", ["run input rails", "generate bot message", "self check input", "input rails"])
def test_a_rail_cannot_take_the_place_of_a_part_of_nemo(write: Write, shop: dict[str, str], name: str) -> None:
    file = f"input/{name.replace(' ', '-')}.co"
    text = RAIL.format("$turn > 1").replace("discounts", name)

    problems = lint(write({**shop, file: text}), "shop")

    assert any(p.file == f"shop/{file}" and p.line == 1 and "NeMo uses the name" in p.message for p in problems)


def test_all_flows_of_the_library_are_reserved() -> None:
    assert {"process user input", "run output rails", "generate next step"} <= reserved_flows()
    assert len(reserved_flows()) > 80


@pytest.mark.parametrize("name", ["topics", "grounding", "personal data"])
def test_a_vertical_cannot_redefine_a_shared_rail(write: Write, shop: dict[str, str], name: str) -> None:
    file = f"input/{name.replace(' ', '-')}.co"

    problems = lint(write({**shop, file: RAIL.format("$turn > 1").replace("discounts", name)}), "shop")

    assert any(p.file == f"shop/{file}" and "cannot be redefined" in p.message for p in problems)


def test_a_rail_cannot_stand_in_both_stages(write: Write, shop: dict[str, str]) -> None:
    problems = lint(write({**shop, "output/discounts.co": RAIL.format("$turn > 1")}), "shop")

    assert any("already a rail 'discounts'" in p.message for p in problems)


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "reason"),
    [
        (
            "input/discounts.co",
            "subflow discounts",
            "subflow discount",
            "input/discounts.co:2",
            "as the file is called",
        ),
        ("policy.md", "## discounts", "## discount", "policy.md", "no heading `## discounts`"),
        ("policy.md", "## discounts", "## discount", "policy.md:5", "no rail 'discount'"),
        ("policy.md", "- Why: b.\n", "", "policy.md:5", "has no line `- Why"),
        ("examples.yaml", "  discounts:", "  discount:", "examples.yaml", "has no `discounts: block:`"),
        ("examples.yaml", "  discounts:", "  discount:", "examples.yaml:2", "no rail 'discount'"),
        ("examples.yaml", "    block: [any chance of ten per cent off]\n", "", "examples.yaml:2", "discounts: block:"),
        ("examples.yaml", "text: It is", "txt: It is", "examples.yaml:6", "unknown key 'txt'"),
        ("examples.yaml", "evidence: []", "evidence: none", "examples.yaml:6", "must be a list"),
        ("examples.yaml", "any chance of ten per cent off", "2026-02-30", "examples.yaml", "not valid YAML"),
        ("examples.yaml", "examples:", "example:", "examples.yaml:1", "one root key"),
        ("examples.yaml", "block: [any", "blok: [any", "examples.yaml:3", "only lists named"),
        ("phrases.yaml", "- cheaper", "- {patern: x}", "phrases.yaml:3", "neither a text nor"),
        ("phrases.yaml", "- cheaper", "- 12", "phrases.yaml:3", "in quotes"),
        ("phrases.yaml", "- cheaper", "- ''", "phrases.yaml:3", "empty phrase"),
        ("phrases.yaml", "\n    - cheaper", " []", "phrases.yaml:2", "at least one entry"),
        ("phrases.yaml", "- cheaper", "- {pattern: 'cheap(er'}", "phrases.yaml:3", "cannot be read"),
        ("phrases.yaml", "- cheaper", "- {pattern: '(a+)+$'}", "phrases.yaml:3", "very long"),
        ("phrases.yaml", "- cheaper", "- {pattern: '(cheap|\\w)*!$'}", "phrases.yaml:3", "nothing|very long"),
        ("phrases.yaml", "- cheaper", "- {pattern: 'x*'}", "phrases.yaml:3", "where there is nothing"),
        ("phrases.yaml", "haggling", "Haggling-List", "phrases.yaml:2", "lower-case letters"),
        ("phrases.yaml", "phrases:", "phrases:\n  slogans: [x]", "phrases.yaml:5", "duplicate key"),
        ("topics.co", "ask for a discount", "ask about returns", "topics.co:4", "already defined in line 1"),
        ("topics.co", "make it cheaper for me", "How do I send it back?", "topics.co:5", "also an example of"),
        ("topics.co", "make it cheaper for me", "Thank you!", "topics.co:5", "shared/topics.co"),
        ("topics.co", '  "who won the match"\n', "", "topics.co:7", "no text below it"),
        ("topics.co", '"who won the match"', '"who won the match', "topics.co:8", "not closed"),
        ("messages.co", "bot refuse slogan", "bot refuse discount", "messages.co:4", "already defined in line 1"),
        ("messages.co", '"I left', '"No."\n  "I left', "messages.co:6", "more than one text"),
        ("messages.co", "bot refuse slogan", "bot refuse slogen", "messages.co:4", "nothing ever says"),
        ("messages.co", "Please ask at", "Ask {{ name }} at", "messages.co:2", "not allowed in it"),
    ],
)
def test_a_slip_in_any_file_is_named_with_its_place(
    write: Write, shop: dict[str, str], file: str, old: str, new: str, place: str, reason: str
) -> None:
    assert old in shop[file]
    name, _, line = place.partition(":")

    problems = lint(write({**shop, file: shop[file].replace(old, new, 1)}), "shop")

    found = [(p.file, p.line) for p in problems if any(part in p.message for part in reason.split("|"))]
    assert (f"shop/{name}", int(line) if line else found[0][1]) in found


@pytest.mark.parametrize(
    ("settings", "line", "reason"),
    [
        ("  limits: {grounding: 0.1}\n", 3, "0.1 is below the floor grounding: 0.35"),
        ("  limits: {toppics: 0.9}\n", 3, r"no rail reads \$limits.toppics"),
        ("  limits: {haggling: auto}\n", 3, "only topics, injection, grounding can be `auto`"),
        ("  rails: {input: [discount]}\n", 3, "no input rail 'discount'"),
        ("  rails: {output: [discounts]}\n", 3, "no output rail 'discounts'"),
        ("  rails: {input: [discounts, discounts]}\n", 3, "stands here twice"),
        ("  rials: {input: []}\n", None, "unknown key"),
    ],
)
def test_a_wrong_setting_is_an_invalid_vertical_that_names_the_key(
    write: Write, shop: dict[str, str], settings: str, line: int | None, reason: str
) -> None:
    rails = write({**shop, "vertical.yaml": shop["vertical.yaml"] + settings})

    with pytest.raises(InvalidVertical, match=reason) as raised:
        read_bundle(rails, "shop")

    assert line is None or f"shop/vertical.yaml:{line}: vertical." in str(raised.value)


@pytest.mark.parametrize(
    "path",
    [
        "actions.py",
        "config.yml",
        "config.yaml",
        "input/actions.py",
        "input/Discounts.co",
        "more.co",
        "floors.yaml",
        "rules/a.co",
    ],
)
def test_a_file_that_does_not_belong_is_named_not_ignored(write: Write, shop: dict[str, str], path: str) -> None:
    problems = lint(write({**shop, path: "x"}), "shop")

    assert [p.file for p in problems if "does not belong here" in p.message] == [f"shop/{path.replace('/a.co', '')}"]


@pytest.mark.parametrize(
    "path", ["README.md", ".hidden", "topics.co~", "input/.discounts.co.swp", "#topics.co#", "input/a.co.bak"]
)
def test_notes_and_backups_of_editors_are_left_alone(write: Write, shop: dict[str, str], path: str) -> None:
    assert lint(write({**shop, path: "define flow x"}), "shop") == ()


def test_a_link_out_of_the_folder_is_refused(write: Write, shop: dict[str, str], tmp_path: Path) -> None:
    rails = write(shop)
    (tmp_path / "elsewhere.co").write_text(shop["topics.co"])
    (rails / "shop" / "topics.co").unlink()
    (rails / "shop" / "topics.co").symlink_to(tmp_path / "elsewhere.co")

    assert any(p.file == "shop/topics.co" and "leads out of the folder" in p.message for p in lint(rails, "shop"))


def test_a_named_pipe_is_not_waited_for(write: Write, shop: dict[str, str]) -> None:
    rails = write({**shop, "messages.co": None})
    os.mkfifo(rails / "shop" / "messages.co")

    assert any(p.file == "shop/messages.co" and p.message == "is not a file" for p in lint(rails, "shop"))


def test_text_in_another_encoding_is_refused(write: Write, shop: dict[str, str]) -> None:
    rails = write(shop)
    (rails / "shop" / "messages.co").write_bytes('define bot a\n  "Café"\n'.encode("latin-1"))

    assert any(p.file == "shop/messages.co" and "not UTF-8" in p.message for p in lint(rails, "shop"))


def test_a_vertical_that_allows_nothing_is_refused(write: Write, shop: dict[str, str]) -> None:
    rails = write({**shop, "topics.co": 'define user off topic sport\n  "who won the match"\n'})

    assert any("no form says what may be asked" in p.message for p in lint(rails, "shop"))


def test_missing_topics_are_named(write: Write, shop: dict[str, str]) -> None:
    assert any(
        p.file == "shop/topics.co" and "missing" in p.message for p in lint(write({**shop, "topics.co": None}), "shop")
    )


def test_all_problems_are_listed_at_once(write: Write, shop: dict[str, str]) -> None:
    broken = {**shop, "input/discounts.co": RAIL.format("$topics.scor < 1"), "messages.co": 'define bot a\n  "b\n'}

    assert {"shop/input/discounts.co", "shop/messages.co"} <= {p.file for p in lint(write(broken), "shop")}


def test_an_unknown_vertical_is_not_a_problem_but_an_error(write: Write, shop: dict[str, str]) -> None:
    with pytest.raises(UnknownVertical, match="no vertical named 'shoe'"):
        lint(write(shop), "shoe")


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("floors.yaml", "floors: {topic: 0.1}\n", "no such limit"),
        ("floors.yaml", "floors: {topics: high}\n", "must be a number"),
        ("messages.co", 'define bot refuse off topic\n  "No."\n', "`refuse take over` is not defined"),
    ],
)
def test_mistakes_in_the_shared_folder_are_found_too(
    write: Write, shop: dict[str, str], file: str, text: str, reason: str
) -> None:
    rails = write(shop)
    write({file: text}, name="shared")

    assert any(p.file.startswith("shared/") and reason in p.message for p in lint(rails, "shop"))
