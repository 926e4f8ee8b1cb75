import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.api.theme import DARK_GROUND, LIGHT_GROUND, contrast, readable, text_on
from assistant.widget.assembling import SOURCE

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@given(colours, st.sampled_from([LIGHT_GROUND, DARK_GROUND]))
def test_any_accent_becomes_readable_on_either_ground_and_under_its_text(accent, ground):
    shown = readable(accent, ground)
    assert contrast(shown, ground) >= 4.5
    assert contrast(text_on(shown), shown) >= 4.5


def test_an_accent_that_reads_well_is_left_alone():
    assert readable("#0b6e6e", LIGHT_GROUND) == "#0b6e6e"


@pytest.mark.parametrize("accent", ["#2f5d3a", "#1f3f4a", "#a03060", "#f0c020"])
def test_what_is_readable_on_either_ground_is_so_on_every_ground_of_the_widget(accent):
    style = (SOURCE / "style.js").read_text(encoding="utf-8")
    dark, light = re.findall(r"--own-ground: (#\w{6}); --own-surface: (#\w{6});", style)
    for ours, grounds in ((DARK_GROUND, dark), (LIGHT_GROUND, light)):
        assert all(contrast(readable(accent, ours), ground) >= 4.5 for ground in grounds)
