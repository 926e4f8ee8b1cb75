import pytest

from assistant.messages import Evidence
from assistant.tasks import omissions
from assistant.tasks.omissions import kind_of


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("The patient is allergic to penicillin.", "allergies"),
        ("What do you take? Patient: Lisinopril 10 mg once a day.", "medication"),
        ("Doctor: Take two tablets at night.", "medication"),
        ("No fever. The patient denies fever.", "negation"),
        ("The patient does not smoke.", "negation"),
        ("Doctor: Come back in two weeks.", "follow-up"),
        ("Doctor: I will refer you to cardiology.", "follow-up"),
        ("Doctor: I want to see you again in a month.", "follow-up"),
        ("Patient: Good to see you again.", None),
        ("Doctor: Good morning.", None),
        ("Patient: No problem.", None),
    ],
)
def test_the_fixed_list_is_recognised(statement: str, kind: str | None):
    assert kind_of(statement) == kind


def test_what_the_summary_covers_is_not_listed():
    visit = [
        Evidence("v", "Visit", text, 0, 1)
        for text in ("The patient does not smoke.", "Doctor: Come back in two weeks.")
    ]
    left_out = omissions(visit, covered=lambda statement: "smoke" in statement.text)
    assert [(o.kind, o.text) for o in left_out] == [("follow-up", "Doctor: Come back in two weeks.")]
