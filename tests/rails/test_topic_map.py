"""The map of topics: what is alike lies together, and what lies among another form's examples is told."""

from __future__ import annotations

from assistant.rails.topic_map import map_forms

FORMS = {
    "ask about returns": ("how do I return this lamp", "can I send it back", "I want to return an item"),
    "ask about delivery": ("how long does delivery take", "when will my parcel arrive", "delivery time to Leeds"),
    "ask about colours": ("is there a red one", "which colours are there", "how do I return this lamp please"),
}


def test_every_example_has_a_place_on_the_map(embedder):
    points = map_forms(FORMS, embedder)
    assert [(each.form, each.text) for each in points] == [(f, text) for f, texts in FORMS.items() for text in texts]
    assert all(0 <= each.x <= 1 and 0 <= each.y <= 1 for each in points)
    assert {min(each.x for each in points), max(each.x for each in points)} == {0.0, 1.0}


def test_examples_of_a_form_lie_nearer_to_each_other_than_to_those_of_another(embedder):
    points = map_forms(FORMS, embedder)

    def apart(one: int, other: int) -> float:
        return ((points[one].x - points[other].x) ** 2 + (points[one].y - points[other].y) ** 2) ** 0.5

    assert max(apart(3, 4), apart(3, 5)) < min(apart(3, 0), apart(3, 1))


def test_an_example_that_says_what_one_of_another_form_says_is_told(embedder):
    overlapping = {each.text: each.nearest_text for each in map_forms(FORMS, embedder) if each.overlaps}
    assert overlapping["how do I return this lamp please"] == "how do I return this lamp"
    assert "when will my parcel arrive" not in overlapping


def test_a_map_of_nearly_nothing_is_no_mistake(hash_embedder):
    assert map_forms({}, hash_embedder) == ()
    assert map_forms({"a": ("one",)}, hash_embedder) == ()
    assert len(map_forms({"a": ("one", "two")}, hash_embedder)) == 2
    assert len(map_forms({"a": ("one",), "b": ("two",)}, hash_embedder)) == 2
