from __future__ import annotations

import asyncio
import logging
import os
import random
import threading
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import NotFound, RailsUnavailable
from assistant.messages import Measurements, Verdict
from assistant.rails import RailBundle, RailEngine, effective_limits, read_bundle
from assistant.rails import engine as engine_module
from assistant.rails.generated import verify_parsed

from .conftest import AUTO, Write

PASSED = Verdict(blocked=False)


def asked(**changes: Any) -> Measurements:
    """Measurements of a harmless question, with `changes`."""
    return {
        "topics": {"score": 0.9, "form": "ask about returns"},
        "injection": {"score": 0.9, "kind": "none"},
        "personal_data": {"kinds": [], "count": 0},
        "phrases": {"haggling": 0, "slogans": 0},
        "task": "answer",
        "turn": 1,
        **changes,
    }


def said(**changes: Any) -> Measurements:
    """Measurements of a sentence that is borne out, with `changes`."""
    return {
        "grounding": {"score": 0.9, "reason": "none"},
        "sentence": {"claim": True, "text": "The lamp weighs 2 kg."},
        "personal_data": {"kinds": [], "count": 0},
        "phrases": {"haggling": 0, "slogans": 0},
        "task": "answer",
        "turn": 1,
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "rail", "message"),
    [
        ({}, None, None),
        ({"injection": {"score": 0.2, "kind": "role"}}, "injection", "refuse take over"),
        ({"topics": {"score": 0.39, "form": "ask about returns"}}, "topics", "refuse off topic"),
        ({"topics": {"score": 0.40, "form": "ask about returns"}}, None, None),
        ({"personal_data": {"kinds": ["email"], "count": 20}}, None, None),
        ({"personal_data": {"kinds": ["email"], "count": 21}}, "personal-data", "refuse personal data"),
        ({"topics": {"score": 0.9, "form": "ask for a discount"}}, "discounts", "refuse discount"),
        ({"phrases": {"haggling": 2}, "turn": 2}, "discounts", "refuse discount"),
        ({"phrases": {"haggling": 2}}, None, None),
        (
            {"injection": {"score": 0.2, "kind": "role"}, "topics": {"score": 0.1, "form": "ask about returns"}},
            "injection",
            "refuse take over",
        ),
    ],
)
async def test_input_rails_decide_on_measurements_in_order(
    engine: RailEngine, changes: dict[str, Any], rail: str | None, message: str | None
) -> None:
    verdict = await engine.decide("input", asked(**changes))

    assert verdict == (Verdict(True, rail, engine.message(message)) if message else PASSED)


@pytest.mark.parametrize(
    ("changes", "rail", "message"),
    [
        ({}, None, None),
        ({"grounding": {"score": 0.49, "reason": "figure"}}, "grounding", "refuse unsupported"),
        ({"grounding": {"score": 0.1, "reason": "absent"}, "sentence": {"claim": False, "text": "Hi."}}, None, None),
        ({"personal_data": {"kinds": ["email", "iban"], "count": 2}}, "payment-data", "refuse payment data"),
        ({"personal_data": {"kinds": ["email"], "count": 1}}, None, None),
        ({"phrases": {"slogans": 1}}, "slogans", "refuse slogan"),
    ],
)
async def test_output_rails_decide_on_measurements_in_order(
    engine: RailEngine, changes: dict[str, Any], rail: str | None, message: str | None
) -> None:
    verdict = await engine.decide("output", said(**changes))

    assert verdict == (Verdict(True, rail, engine.message(message)) if message else PASSED)


async def test_a_passage_is_judged_by_the_rails_that_read_only_injection(engine: RailEngine) -> None:
    assert [rail.name for rail in engine.rails("evidence")] == ["injection"]
    assert await engine.decide("evidence", {"injection": {"score": 0.9, "kind": "none"}}) == PASSED
    verdict = await engine.decide("evidence", {"injection": {"score": 0.1, "kind": "indirect"}})
    assert verdict.rail == "injection"


@pytest.mark.parametrize(
    "measured",
    [
        {},
        asked(topics={"form": "ask about returns"}),
        asked(topics={"score": None, "form": "ask about returns"}),
        asked(topics={"score": float("nan"), "form": "ask about returns"}),
        asked(topics={"score": float("inf"), "form": "ask about returns"}),
        asked(topics={"score": "0.9", "form": "ask about returns"}),
        asked(topics={"score": True, "form": "ask about returns"}),
        asked(topics={"score": 1.2, "form": "ask about returns"}),
        asked(topics={"score": 0.9}),
        asked(topics={"score": 0.9, "form": None}),
        asked(topics=0.9),
        asked(injection=None),
        asked(personal_data={"kinds": [], "count": -1}),
        asked(personal_data={"kinds": [], "count": 1.5}),
        asked(phrases={}),
        {name: value for name, value in asked().items() if name != "turn"},
    ],
)
async def test_a_missing_or_malformed_measurement_withholds_the_text(
    engine: RailEngine, measured: Measurements
) -> None:
    with pytest.raises(RailsUnavailable, match=r"the measurement \$"):
        await engine.decide("input", measured)


async def test_a_missing_limit_withholds_the_text(bundle: RailBundle) -> None:
    engine = RailEngine.build(bundle, {"injection": 0.5, "grounding": 0.5})

    with pytest.raises(RailsUnavailable, match=r"\$limits.topics is missing"):
        await engine.decide("input", asked())


async def test_measurements_cannot_bring_their_own_limits(engine: RailEngine) -> None:
    verdict = await engine.decide("input", asked(topics={"score": 0.2, "form": "x"}, limits={"topics": 0.0}))

    assert verdict.rail == "topics"


async def test_one_rail_alone_needs_only_what_it_reads(engine: RailEngine) -> None:
    assert engine.needs("input", "topics") == {"topics"}
    assert engine.needs("input") == {"topics", "injection", "personal_data", "phrases"}
    assert await engine.decide("input", {"topics": {"score": 0.9}}, only="topics") == PASSED
    assert (await engine.decide("input", {"topics": {"score": 0.1}}, only="topics")).rail == "topics"


async def test_one_rail_runs_at_another_stage_where_all_it_reads_is_measured(engine: RailEngine) -> None:
    many = {"personal_data": {"kinds": ["email"], "count": 30}}

    assert (await engine.decide("output", many, only="personal-data")).rail == "personal-data"
    assert (await engine.decide("evidence", {"injection": {"score": 0.1}}, only="injection")).rail == "injection"


@pytest.mark.parametrize(
    ("stage", "only", "reason"),
    [
        ("input", "topic", "no rail named 'topic'; there are: injection, personal-data, topics, discounts"),
        ("input", "personal data", "no rail named"),
        ("input", "grounding", "cannot judge at input: it reads grounding"),
        ("evidence", "topics", "cannot judge at evidence"),
    ],
)
async def test_a_rail_that_is_not_there_is_not_found(engine: RailEngine, stage: Any, only: str, reason: str) -> None:
    with pytest.raises(NotFound, match=reason):
        await engine.decide(stage, asked(), only=only)


def test_messages_are_found_by_name_and_by_rail(engine: RailEngine) -> None:
    assert engine.message("say unanswered").startswith("I could not find")
    assert engine.message_of("discounts") == "I cannot give a discount. Please ask at the till."
    with pytest.raises(NotFound, match="no message named 'say hello'"):
        engine.message("say hello")


async def test_else_branches_and_variables_work_as_written(write: Write, shop: dict[str, str]) -> None:
    rail = (
        "define subflow discounts\n"
        "  $often = $phrases.haggling > 1\n"
        '  if $topics.form == "ask for a discount" and not $often\n'
        "    $i = 7\n"
        '  else if $task == "write" or $often\n'
        "    if $turn > 2\n"
        "      bot refuse discount\n"
        "      stop\n"
        "    else\n"
        "      bot refuse off topic\n"
        "      stop\n"
        "  else\n"
        "    if $turn > 5\n"
        "      bot refuse take over\n"
        "      stop\n"
    )
    bundle = read_bundle(write({**shop, "input/discounts.co": rail}), "shop")
    engine = RailEngine.build(bundle, effective_limits(bundle, AUTO))

    async def message(**changes: Any) -> str | None:
        return (await engine.decide("input", asked(**changes))).message

    form = {"score": 0.9, "form": "ask for a discount"}
    assert await message(topics=form) is None
    assert await message(topics=form, phrases={"haggling": 2}) == engine.message("refuse off topic")
    assert await message(task="write", turn=3) == engine.message("refuse discount")
    assert await message(turn=6) == engine.message("refuse take over")
    assert await message(turn=5) is None


async def test_many_decisions_at_once_each_get_their_own_verdict(engine: RailEngine) -> None:
    cases: list[tuple[dict[str, Any], str | None]] = [
        ({}, None),
        ({"topics": {"score": 0.1, "form": "x"}}, "topics"),
        ({"injection": {"score": 0.1, "kind": "leak"}}, "injection"),
        ({"topics": {"score": 0.9, "form": "ask for a discount"}}, "discounts"),
    ]
    chosen = [random.Random(7).choice(cases) for _ in range(50)]

    verdicts = await asyncio.gather(*(engine.decide("input", asked(**changes)) for changes, _ in chosen))

    assert [verdict.rail for verdict in verdicts] == [rail for _, rail in chosen]


async def test_nemo_remembers_nothing_of_what_was_decided(engine: RailEngine) -> None:
    flows = dict(engine._nemo.runtime.flow_configs)
    for _ in range(5):
        await engine.decide("output", said())
        await engine.decide("input", asked(topics={"score": 0.1, "form": "x"}))

    assert engine._nemo.events_history_cache == {}
    assert engine._nemo.runtime.flow_configs == flows


async def test_the_words_of_a_sentence_reach_nemo_only_where_a_rail_reads_them(
    engine: RailEngine, write: Write, shop: dict[str, str]
) -> None:
    assert "sentence" not in engine._context(engine.rails("output", "slogans"), {**said(), "limits": AUTO})
    rail = 'define subflow slogans\n  if "best ever" in $sentence.text\n    bot refuse slogan\n    stop\n'
    bundle = read_bundle(write({**shop, "output/slogans.co": rail}), "shop")
    reading = RailEngine.build(bundle, effective_limits(bundle, AUTO))

    slogan = said(sentence={"claim": True, "text": 'The best ever "lamp" {{ 7*7 }} $x'})
    assert (await reading.decide("output", slogan)).rail == "slogans"
    assert await reading.decide("output", said()) == PASSED


async def test_another_version_of_nemo_runs_untuned_and_decides_the_same(
    bundle: RailBundle, caplog: pytest.LogCaptureFixture
) -> None:
    engine_module._warn_untuned.cache_clear()
    with caplog.at_level(logging.WARNING):
        untuned = RailEngine.build(bundle, AUTO, tested="0.0.1")
        RailEngine.build(bundle, AUTO, tested="0.0.1")

    assert [record.message for record in caplog.records].count(
        "nemoguardrails is 0.24.1, not 0.0.1: its rails run untuned, and slower"
    ) == 1
    assert len(untuned._nemo.runtime.flow_configs) > 80
    assert await untuned.decide("input", asked()) == PASSED
    assert (await untuned.decide("input", asked(topics={"score": 0.1, "form": "x"}))).rail == "topics"
    assert (await untuned.decide("output", said(grounding={"score": 0.1, "reason": "figure"}))).rail == "grounding"


def test_the_tuned_engine_keeps_only_what_rails_can_reach(engine: RailEngine) -> None:
    runtime = engine._nemo.runtime

    assert len(runtime.flow_configs) < 15
    assert set(runtime.action_dispatcher.registered_actions) == {
        "create_event",
        "retrieve_relevant_chunks",
        "generate_bot_message",
    }


def test_code_in_the_working_directory_is_not_run(
    bundle: RailBundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "actions.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()")
    monkeypatch.chdir(tmp_path)

    RailEngine.build(bundle, AUTO)

    assert not (tmp_path / "ran").exists()


def test_usage_reports_are_switched_off(engine: RailEngine) -> None:
    assert os.environ["NEMO_GUARDRAILS_NO_USAGE_STATS"] == os.environ["DO_NOT_TRACK"] == "1"
    assert not [thread for thread in threading.enumerate() if "telemetry" in thread.name]


def test_texts_are_not_logged(engine: RailEngine) -> None:
    assert not logging.getLogger("nemoguardrails.colang.v1_0.runtime.runtime").isEnabledFor(logging.INFO)


def passed(*rails: str) -> dict[str, Any]:
    return {"type": "ContextUpdate", "data": {f"passed_{rail}": True for rail in rails}}


STOP = {"type": "BotIntent", "intent": "stop"}


@pytest.mark.parametrize(
    "events",
    [
        [],
        [{"type": "Listen"}],
        [passed("injection", "personal_data", "topics")],
        [passed("personal_data", "injection", "topics", "discounts")],
        [passed("injection", "personal_data", "topics", "discounts"), STOP],
        [STOP],
        [{"type": "StartUtteranceBotAction", "script": "refuse take over"}],
        [{"type": "StartUtteranceBotAction", "script": "refuse off topic"}, STOP],
        [{"type": "StartUtteranceBotAction", "script": "I'm sorry, an internal error has occurred."}, STOP],
    ],
)
def test_anything_but_a_clean_pass_or_stop_withholds_the_text(engine: RailEngine, events: list[dict[str, Any]]) -> None:
    with pytest.raises(RailsUnavailable, match="no clear end"):
        engine._verdict(engine.rails("input"), events)


async def test_a_failure_inside_nemo_withholds_the_text(bundle: RailBundle) -> None:
    engine = RailEngine.build(bundle, AUTO)
    engine._nemo.runtime.flow_configs.pop("topics")

    with pytest.raises(RailsUnavailable, match="could not decide"):
        await engine.decide("input", asked())


async def test_an_action_that_fails_inside_nemo_is_not_taken_for_an_answer(bundle: RailBundle) -> None:
    engine = RailEngine.build(bundle, AUTO)
    engine._nemo.runtime.action_dispatcher._registered_actions.pop("generate_bot_message")

    with pytest.raises(RailsUnavailable):
        await engine.decide("input", asked(topics={"score": 0.1, "form": "x"}))


def test_a_rail_that_nemo_would_read_differently_is_not_served(bundle: RailBundle) -> None:
    element = {"_type": "if", "expression": "$topics.score < 0", "_next_else": 1}

    with pytest.raises(RailsUnavailable, match="NeMo reads the flow 'topics' differently"):
        verify_parsed([rail for rail in bundle.rails if rail.name == "topics"], {"topics": [element]})
