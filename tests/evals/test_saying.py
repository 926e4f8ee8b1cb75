"""A choice is told in its reader's language; the record tells it in English."""

from __future__ import annotations

from assistant.console.tongues import TONGUES, words
from assistant.evals.reasons import choose
from assistant.evals.saying import Saying, sentences
from assistant.evals.select import Candidate, Terms, parse_gate
from tests.console.test_words import placeholders
from tests.evals.test_select import facts, figures


def test_every_language_of_the_console_has_the_same_sentences():
    english = sentences("en")
    for tongue in TONGUES:
        assert list(sentences(tongue)) == list(english)
        for key, text in sentences(tongue).items():
            assert placeholders(text) == placeholders(english[key]), key


def test_the_reasons_and_what_would_change_them_are_told_in_italian():
    found = figures(small=(0.3, 2), large=(0.9, 20), slow=(0.9, 40))
    closed = Candidate(facts=facts("closed", unmet=("commercial",)), values=found.candidates["large"].values)
    baselines = {"first-words": found.candidates["small"]}
    found = found.model_copy(update={"candidates": {**found.candidates, "closed": closed}, "baselines": baselines})
    say = Saying("it", words("it", "choice"))

    made = choose(found, Terms(gates=(parse_gate("total_s<=30"),)), max_tokens=300, say=say)

    assert made.recommended == "large"
    assert made.reasons[0].startswith("large supera tutte le soglie e vale di più, 0.")
    assert "qualità 0.7, velocità 0.1, costo 0.1, energia 0.1" in made.reasons[0]
    assert "Per «Giusto» large è migliore di small, di +0.6 (da " in made.reasons[1]
    assert "large è migliore di first-words (risposta senza modello)" in made.reasons[2]
    assert "«Risposta intera, s» è 40, e deve essere ≤ 30" in " ".join(made.reasons)
    assert "closed non si può scegliere: la sua scheda non soddisfa require.commercial" in " ".join(made.reasons)
    assert made.changes[0].startswith("Con un peso di ") and "«qualità», sarebbe small." in made.changes[0]
