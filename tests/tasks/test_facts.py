from assistant.messages import Document
from assistant.tasks import fact_statements, form_of

SHEET = "Name: Lumen S1\nWeight: 1.2 kg\nPower: 6 W\nNot for outdoor use."


def test_each_fact_names_what_it_is_about():
    assert form_of(SHEET) == "facts"
    texts = [each.text for each in fact_statements(Document("s1", "Sheet", SHEET))]
    assert texts == ["Name: Lumen S1", "Lumen S1, Weight: 1.2 kg", "Lumen S1, Power: 6 W", "Not for outdoor use."]


def test_each_fact_keeps_the_span_of_its_line():
    for each in fact_statements(Document("s1", "Sheet", SHEET)):
        assert SHEET[each.start : each.end] == each.quote


def test_prose_with_a_colon_is_not_a_fact_list():
    assert form_of("We ship on weekdays.\n\nNote: holidays differ. Ask us about them.\n\nReturns are free.") == "prose"
