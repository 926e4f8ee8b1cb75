"""A diff that people read: lines in pairs, words lit, what stays the same left out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.rails.comparing import compare
from assistant.rails.examinations import Examination, Played
from assistant.rails.side_by_side import Row, side_by_side

BEFORE = "\n".join(f"line {number}" for number in range(1, 21))


def lit(row: Row) -> tuple[list[str], list[str]]:
    sides = (row.before, row.after)
    return tuple([piece.text for piece in side.pieces if piece.lit] if side else [] for side in sides)  # type: ignore[return-value]


def test_the_words_that_differ_are_lit():
    (row,) = side_by_side("we open at nine on Monday", "we open at ten on Monday")
    assert (row.kind, lit(row)) == ("changed", (["nine"], ["ten"]))
    assert (row.before.text, row.after.text) == ("we open at nine on Monday", "we open at ten on Monday")


def test_what_stays_the_same_is_left_out_but_for_its_neighbours():
    rows = side_by_side(BEFORE, BEFORE.replace("line 10\n", "line ten\n"))
    assert [row.kind for row in rows] == ["gap", *["same"] * 3, "changed", *["same"] * 3, "gap"]
    assert [row.hidden for row in rows if row.kind == "gap"] == [6, 7]
    assert side_by_side(BEFORE, BEFORE) == []


def test_a_line_with_a_mistake_is_shown_wherever_it_is():
    rows = side_by_side(BEFORE, BEFORE.replace("line 20", "line xx"), keep=frozenset({1}))
    assert rows[0].after.number == 1


@pytest.mark.parametrize(("before", "after", "kinds"), [("", "a\nb", ["added"] * 2), ("a\nb", "", ["removed"] * 2)])
def test_new_and_removed_files_have_one_side(before: str, after: str, kinds: list[str]):
    assert [row.kind for row in side_by_side(before, after)] == kinds


@given(st.lists(st.sampled_from(["a", "b c", "", "d e f"])), st.lists(st.sampled_from(["a", "b d", "", "d e g"])))
def test_nothing_is_lost_or_made_up(before: list[str], after: list[str]):
    rows = side_by_side("\n".join(before), "\n".join(after), around=1000)
    if "\n".join(before).splitlines() != "\n".join(after).splitlines():
        assert [row.before.text for row in rows if row.before] == "\n".join(before).splitlines()
        assert [row.after.text for row in rows if row.after] == "\n".join(after).splitlines()


def examination(*trials: Played) -> Examination:
    return Examination("sha256:0", all(each.passed for each in trials), trials, (), (), datetime.now(UTC))


def played(text: str, *, passed: bool, inherited: bool = False) -> Played:
    return Played("shop", "topics", "block", text, passed, None, {}, inherited)


def test_what_newly_fails_is_told_from_what_failed_before():
    before = examination(played("a", passed=True), played("b", passed=False))
    after = examination(
        played("a", passed=False), played("b", passed=False), played("c", passed=False),
        played("d", passed=False, inherited=True),
    )  # fmt: skip
    compared = compare(before, after)
    assert [each.text for each in compared.newly_failing] == ["a", "c"]
    assert [each.text for each in compared.still_failing] == ["b"]
    (rail,) = compared.rails
    assert (rail.passed_before, rail.total_before, rail.passed_after, rail.total_after) == (1, 2, 0, 3)
    assert compare(None, after).rails[0].passed_before is None
