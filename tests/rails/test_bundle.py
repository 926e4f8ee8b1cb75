from __future__ import annotations

import pytest

from assistant.errors import InvalidRail, InvalidVertical
from assistant.rails import RailBundle, effective_limits, read_bundle

from .conftest import AUTO, Write

TWO_FILES = {
    "vertical.yaml": "vertical:\n  title: Library desk\n",
    "topics.co": 'define user ask about loans\n  "how long may I keep a book"\n',
}


def test_two_files_are_a_working_vertical(write: Write) -> None:
    bundle = read_bundle(write(TWO_FILES), "shop")

    assert [(rail.name, rail.owner) for rail in bundle.rails] == [
        ("injection", "shared"),
        ("personal-data", "shared"),
        ("topics", "shared"),
        ("grounding", "shared"),
        ("payment-data", "shared"),
    ]
    assert bundle.forms["ask about loans"] == ("how long may I keep a book",)
    assert bundle.messages["say unanswered"]


def test_shared_rails_run_first_and_own_ones_by_name(bundle: RailBundle) -> None:
    assert [rail.name for rail in bundle.rails if rail.stage == "input"] == [
        "injection",
        "personal-data",
        "topics",
        "discounts",
    ]
    assert bundle.rails[-1].owner == "shop" and bundle.rails[-1].file == "shop/output/slogans.co"


def test_the_order_of_own_rails_is_the_verticals_and_shared_ones_cannot_be_left_out(
    write: Write, shop: dict[str, str]
) -> None:
    early = shop["input/discounts.co"].replace("subflow discounts", "subflow afters")
    files = {
        **shop,
        "input/afters.co": early,
        "policy.md": shop["policy.md"] + shop["policy.md"].split("\n\n")[2].replace("discounts", "afters") + "\n",
        "examples.yaml": shop["examples.yaml"] + "  afters: {block: [a], pass: [b]}\n",
    }
    by_name = read_bundle(write(files), "shop")
    files["vertical.yaml"] = shop["vertical.yaml"] + "  rails: {input: [discounts, afters, topics]}\n"
    by_hand = read_bundle(write(files), "shop")

    assert [rail.name for rail in by_name.rails][3:5] == ["afters", "discounts"]
    assert [rail.name for rail in by_hand.rails][:5] == ["injection", "personal-data", "topics", "discounts", "afters"]


def test_a_rail_knows_what_it_reads_and_says(bundle: RailBundle) -> None:
    discounts = next(rail for rail in bundle.rails if rail.name == "discounts")

    assert discounts.members == {"topics.form", "phrases.haggling", "turn"}
    assert discounts.reads == {"topics", "phrases", "turn"}
    assert discounts.messages == ("refuse discount",)


def test_a_vertical_says_shared_messages_in_its_own_words(write: Write, shop: dict[str, str]) -> None:
    own = shop["messages.co"] + '\ndefine bot refuse off topic\n  "Only lamps here."\n'

    bundle = read_bundle(write({**shop, "messages.co": own}), "shop")

    assert bundle.messages["refuse off topic"] == "Only lamps here."
    assert bundle.messages["refuse take over"].startswith("I cannot")


def test_small_talk_comes_from_shared_and_can_be_added_to(write: Write, shop: dict[str, str]) -> None:
    bundle = read_bundle(write({**shop, "topics.co": shop["topics.co"] + 'define user greet\n  "ahoy"\n'}), "shop")

    assert bundle.small_talk == {"greet", "say thanks", "say goodbye", "ask what you can do"}
    assert bundle.forms["greet"][0] == "hello" and bundle.forms["greet"][-1] == "ahoy"


def test_examples_of_shared_rails_are_joined_by_the_verticals(write: Write, shop: dict[str, str]) -> None:
    own = shop["examples.yaml"] + "  topics: {block: [who scored], pass: [where do I send it]}\n"

    topics = read_bundle(write({**shop, "examples.yaml": own}), "shop").examples["topics"]

    assert [each.text for each in topics["block"]] == ["who scored"]
    assert len(topics["pass"]) > 8 and topics["pass"][-1].text == "where do I send it"


def test_the_digest_changes_with_every_file(write: Write, shop: dict[str, str], repo_shared: dict[str, str]) -> None:
    digests = {read_bundle(write(shop), "shop").digest}
    for name, files in (("shop", shop), ("shared", repo_shared)):
        for path, text in files.items():
            comment = "\n<!-- a note -->\n" if path.endswith(".md") else "\n# a note\n"
            digests.add(read_bundle(write({path: text + comment}, name=name), "shop").digest)
            write({path: text}, name=name)

    assert len(digests) == 1 + len(shop) + len(repo_shared)
    assert all(digest.startswith("sha256:") and len(digest) == 71 for digest in digests)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_marks_and_line_ends_of_windows_change_nothing(write: Write, shop: dict[str, str], mark: str) -> None:
    plain = read_bundle(write(shop), "shop")
    windows = {path: mark + text.replace("\n", "\r\n") for path, text in shop.items()}

    bundle = read_bundle(write(windows), "shop")

    assert (bundle.forms, bundle.messages, bundle.digest) == (plain.forms, plain.messages, plain.digest)


def test_auto_limits_are_calibrated_and_raised_to_their_floors(bundle: RailBundle) -> None:
    limits = effective_limits(bundle, {"topics": 0.01, "injection": 0.5, "grounding": 0.2})

    assert limits == {"topics": 0.05, "injection": 0.5, "grounding": 0.35}


def test_limits_of_the_vertical_win_over_calibrated_ones(write: Write, shop: dict[str, str]) -> None:
    rail = shop["input/discounts.co"].replace("$phrases.haggling > 1", "$topics.score < $limits.haggling")
    settings = shop["vertical.yaml"] + "  limits: {grounding: 0.8, haggling: 0.25}\n"
    bundle = read_bundle(write({**shop, "input/discounts.co": rail, "vertical.yaml": settings}), "shop")

    assert effective_limits(bundle, AUTO) == {"topics": 0.4, "injection": 0.5, "grounding": 0.8, "haggling": 0.25}


def test_a_limit_that_nothing_calibrates_is_an_error(bundle: RailBundle) -> None:
    with pytest.raises(InvalidVertical, match="grounding: nothing calibrates it"):
        effective_limits(bundle, {"topics": 0.4, "injection": 0.5})


def test_without_the_shared_folder_nothing_is_served(write: Write, shop: dict[str, str]) -> None:
    rails = write(shop)
    (rails / "shared").rename(rails / "unshared")

    with pytest.raises(InvalidRail, match="every vertical inherits is missing"):
        read_bundle(rails, "shop")


@pytest.fixture
def repo_shared(write: Write, shop: dict[str, str]) -> dict[str, str]:
    shared = write(shop) / "shared"
    return {file.relative_to(shared).as_posix(): file.read_text() for file in shared.rglob("*.*") if file.is_file()}
