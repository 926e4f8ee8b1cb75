"""What makes a vertical laxer is told, each way by its own."""

from __future__ import annotations

import pytest

from assistant.rails import RailBundle, read_bundle
from assistant.rails.weakenings import weakenings

from .conftest import SHOP, Write

LIMITS = {"topics": 0.4, "injection": 0.5, "grounding": 0.5}
SETTINGS = SHOP["vertical.yaml"]
LATER = "  else if" + SHOP["input/discounts.co"].partition("  else if")[2]


@pytest.mark.parametrize(
    ("file", "old", "new", "kind", "told"),
    [
        ("input/discounts.co", LATER, "", "rail", "stops in 1 cases, not in 2"),
        ("input/discounts.co", " and not $turn == 1", "", "rail", "no longer looks at turn"),
        ("examples.yaml", "any chance of ten per cent off", "make it cheap", "trial", "must block: any chance of ten"),
        ("topics.co", "who won the match", "who won the game", "topic", "who won the match"),
        ("phrases.yaml", "- cheaper", "- cheapest", "phrase", "haggling is without: cheaper"),
        ("vertical.yaml", SETTINGS, SETTINGS + "  personal_data: {output: off}\n", "masking", "masked in output"),
        ("vertical.yaml", SETTINGS, SETTINGS + "  personal_data: {kinds: [email]}\n", "masking", "iban is no longer"),
        ("vertical.yaml", SETTINGS, SETTINGS + "  require: {on_premises: false}\n", "setting", "require.on_premises"),
        ("vertical.yaml", SETTINGS, SETTINGS + "  notice: Hi.\n", "setting", "the notice is no longer"),
        ("vertical.yaml", SETTINGS, SETTINGS + "  targets: {supported: 0.5}\n", "setting", "targets.supported: 0.5"),
        ("vertical.yaml", SETTINGS, SETTINGS + "  retention: {text_days: 90}\n", "setting", "text_days: 90, not 30"),
    ],
)  # fmt: skip
def test_each_way_is_told(bundle: RailBundle, write: Write, file: str, old: str, new: str, kind: str, told: str):
    assert old in SHOP[file]
    after = read_bundle(write({**SHOP, file: SHOP[file].replace(old, new)}), "shop")
    found = weakenings(bundle, after, limits_before=LIMITS, limits_after=LIMITS)
    assert any(each.kind == kind and told in each.text for each in found), found
    assert not weakenings(after, after, limits_before=LIMITS, limits_after=LIMITS)


def test_a_licence_for_fewer_users_is_told_and_one_for_more_is_not(write: Write):
    few, many = (
        read_bundle(write({**SHOP, "vertical.yaml": f"{SETTINGS}  require: {{users: {users}}}\n"}), "shop")
        for users in (8_000, 9_000)
    )
    (found,) = weakenings(many, few, limits_before=LIMITS, limits_after=LIMITS)
    assert found.text == "licences need no longer allow 9,000 users a month"
    assert not weakenings(few, many, limits_before=LIMITS, limits_after=LIMITS)


def test_a_lower_limit_is_told_and_a_higher_one_is_not(bundle: RailBundle):
    lower, higher = ({**LIMITS, "topics": value} for value in (0.3, 0.6))
    (found,) = weakenings(bundle, bundle, limits_before=LIMITS, limits_after=lower)
    assert (found.kind, found.text) == ("limit", "the limit topics is 0.30, not 0.40")
    assert not weakenings(bundle, bundle, limits_before=LIMITS, limits_after=higher)


def test_a_calibrated_limit_that_moves_a_little_is_no_weakening_and_a_stated_one_is(bundle: RailBundle, write: Write):
    nearly = {**LIMITS, "topics": 0.38}
    assert not weakenings(bundle, bundle, limits_before=LIMITS, limits_after=nearly)
    stated = read_bundle(write({**SHOP, "vertical.yaml": SETTINGS + "  limits: {topics: 0.38}\n"}), "shop")
    assert [each.kind for each in weakenings(stated, stated, limits_before=LIMITS, limits_after=nearly)] == ["limit"]
