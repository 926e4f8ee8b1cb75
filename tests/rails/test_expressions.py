from __future__ import annotations

import pytest

from assistant.rails.expressions import ExpressionError, emit, parse_expression, references


@pytest.mark.parametrize(
    ("written", "bracketed"),
    [
        ("$topics.score < $limits.topics", "$topics.score < $limits.topics"),
        ("$a.b > 0 and $c.d == 1 or $e.f", "(($a.b > 0) and ($c.d == 1)) or $e.f"),
        ("not $a.b == 1 and $c", "(not ($a.b == 1)) and $c"),
        ("$a and ($b or $c)", "$a and ($b or $c)"),
        ('"card" in $personal_data.kinds', '"card" in $personal_data.kinds'),
        ('"x" not in $a.b', '"x" not in $a.b'),
        ("$a.b >= 0.25 and $c == True", "($a.b >= 0.25) and ($c == True)"),
    ],
)
def test_a_condition_is_read_as_python_would_read_it(written: str, bracketed: str) -> None:
    assert emit(parse_expression(written)) == bracketed


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "something is missing"),
        ("$a.b <", "something is missing"),
        ("$a.b = 1", "use =="),
        ("$a.b < 1:", "colon"),
        ("$a.b == 'x'", "double quotes"),
        ("0 < $a.b < 1", "one comparison at a time"),
        ("($a.b < 1", "bracket is not closed"),
        ("$a.b < 1)", "not expected"),
        ("$a.b.c < 1", "one dot too many"),
        ("len($a.b) > 1", "'len' is not a value"),
        ("$a.b < true", "write True"),
        ("$a.b < 1 + 1", "not allowed"),
        ("$a.b < -1", "not allowed"),
        ("$a[0] == 1", "not allowed"),
        ("$a.b < 1 if $c else 2", "not expected"),
        ("lambda: 0", "not allowed"),
        ("$a.b < 1e9", "not allowed"),
        ("$a.b is None", "not expected"),
        ("$a.b not 1", "`not in`"),
        ('$a.b == "two  spaces"', "single spaces"),
        ('$a.b == "{{ config }}"', "plain punctuation"),
        ('$a.b == "$secret"', "plain punctuation"),
        ("$__class__.x == 1 ; import os", "not expected|not allowed"),
    ],
)
def test_anything_else_is_refused_with_its_reason(written: str, reason: str) -> None:
    with pytest.raises(ExpressionError, match=reason):
        parse_expression(written)


def test_every_name_that_a_condition_reads_is_known() -> None:
    condition = parse_expression('not ($a.b < 1 or "x" in $c.d) and $e')

    assert [each.path for each in references(condition)] == ["a.b", "c.d", "e"]
