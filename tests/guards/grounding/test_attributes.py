import pytest

from assistant.guards.grounding.attributes import misattributed

SHEET = ("Product: Tarn", "Light output: 560 lm", "Power: 8 W", "Height: 52 cm", "Reach: 48 cm", "Weight: 1.4 kg")
ROW = ("Product: Tarn; Light output: 560 lm; Power: 8 W; Height: 52 cm; Weight: 1.4 kg",)


@pytest.mark.parametrize("evidence", [SHEET, ROW])
@pytest.mark.parametrize(
    "claim",
    [
        "The Tarn has a power output of 560 lm.",
        "The height of 1.4 kg makes it easy to place.",
        "It has a weight of up to 52 cm.",
        "Power: 52 cm",
    ],
)
def test_a_figure_under_another_attribute_s_name_is_told(evidence, claim):
    assert misattributed(claim, evidence)


@pytest.mark.parametrize(
    "claim",
    [
        "The Tarn has a power output of 8 W.",
        "At full power it gives 560 lm.",
        "It gives 560 lm of light output at a power of 8 W.",
        "Height 52 cm, weight 1.4 kg, power 8 W.",
        "With a light output of 560 lm the Tarn lights a desk.",
        "It weighs 1.4 kg and is 52 cm high.",
        "The power is 560.",  # Of what, nobody can say.
        "The power is 12 W.",  # Nobody's figure: others tell that.
    ],
)
@pytest.mark.parametrize("evidence", [SHEET, ROW])
def test_a_figure_under_its_own_name_is_left_alone(evidence, claim):
    assert not misattributed(claim, evidence)


def test_what_prose_says_counts_too():
    evidence = (*SHEET, "Turned up, the power of the lamp corresponds to 560 lm.")
    assert not misattributed("The power is 560 lm.", evidence)


@pytest.mark.parametrize("text", ["", ":", "a: 1", "1.2.3.4: 5", "x: " + "9" * 400, "½: ٣ kg; b: ²"])
def test_no_text_is_too_odd(text):
    assert misattributed(text, (text, "b: 2", "c: 3")) in (True, False)
