"""Measurements in, verdict out: the rails of one bundle, run by NeMo Guardrails on what the guards found.

NeMo gets Colang that we write from the parsed rails, never a reviewer's or a visitor's text, and each rail vouches that
it ran to its end. So whatever NeMo does not carry out, for whatever reason, is not let through.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import NotFound, RailsUnavailable
from assistant.messages import Measurements, Stage, Verdict
from assistant.rails.bundle import Rail, RailBundle
from assistant.rails.generated import CHOSEN, configuration, passed, rails_flow, verify_parsed
from assistant.rails.measurements import GIVEN, MEASUREMENTS, value_of
from assistant.watching.working import checking

if TYPE_CHECKING:
    from nemoguardrails.rails import LLMRails

log = logging.getLogger(__name__)

EVIDENCE_READS = frozenset({"injection", "limits"})
"""An input rail that reads nothing else judges the passages a model would be shown as well."""
TESTED_VERSION = "0.24.1"
"""The version of NeMo Guardrails whose inner workings we know well enough to tune."""
_FLOWS = frozenset({"generate bot message", "process bot message", "run output rails", "run retrieval rails"})
_ACTIONS = frozenset({"create_event", "retrieve_relevant_chunks", "generate_bot_message"})


class RailEngine:
    """The rails of one bundle, ready to decide. Any number of decisions may run at once on one event loop."""

    def __init__(self, bundle: RailBundle, limits: Mapping[str, float], nemo: LLMRails) -> None:
        self._bundle = bundle
        self._limits = dict(limits)
        self._nemo = nemo

    @classmethod
    def build(cls, bundle: RailBundle, limits: Mapping[str, float], *, tested: str = TESTED_VERSION) -> RailEngine:
        """An engine for `bundle` with the effective `limits`; takes about 0.3 s.

        Call it on the event loop or before there is one, not in another thread while requests run (CPython gh-106905).
        `tested` is the version of NeMo whose inner workings may be tuned; any other runs as it comes. Raises
        RailsUnavailable when NeMo does not read the rails as we do.
        """
        colang, settings = configuration(bundle.rails)
        nemo = _open(colang, settings)
        verify_parsed(bundle.rails, {name: flow.elements for name, flow in nemo.runtime.flow_configs.items()})
        if version("nemoguardrails") == tested:
            _tune(nemo, {rail.flow.name for rail in bundle.rails})
        else:
            _warn_untuned(tested)
        return cls(bundle, limits, nemo)

    @property
    def limits(self) -> Mapping[str, float]:
        """The limits in force, by name."""
        return dict(self._limits)

    def message(self, name: str) -> str:
        """What the assistant says under the message `name`; raises NotFound."""
        try:
            return self._bundle.messages[name]
        except KeyError:
            raise NotFound(f"no message named {name!r}; there are: {', '.join(self._bundle.messages)}") from None

    def message_of(self, rail: str) -> str:
        """What `rail` says when it stops, the first where it has several; raises NotFound."""
        return self.message(self._named(rail).messages[0])

    def rails(self, stage: Stage, only: str | None = None) -> tuple[Rail, ...]:
        """The rails that decide at `stage`, in order; with `only`, that one.

        A single rail may also run at a stage it was not written for, where all that it reads is measured there.
        Raises NotFound when there is no such rail, or it cannot judge at this stage.
        """
        if only is not None:
            rail = self._named(only)
            if rail.stage != stage and not all(stage in MEASUREMENTS[name].stages for name in rail.reads):
                raise NotFound(
                    f"the rail {only!r} cannot judge at {stage}: it reads {', '.join(sorted(rail.reads))}", param="rail"
                )
            return (rail,)
        if stage == "evidence":
            return tuple(each for each in self._bundle.rails if each.stage == "input" and each.reads <= EVIDENCE_READS)
        return tuple(each for each in self._bundle.rails if each.stage == stage)

    def needs(self, stage: Stage, only: str | None = None) -> frozenset[str]:
        """Names of what the guards must measure for `rails(stage, only)`."""
        return frozenset(name for rail in self.rails(stage, only) for name in rail.reads) - GIVEN

    async def decide(self, stage: Stage, measurements: Measurements, *, only: str | None = None) -> Verdict:
        """What the rails of `stage`, or `only` one of them, decide on `measurements`.

        Raises RailsUnavailable when a measurement or limit that a rail reads is missing or malformed, or NeMo fails:
        the caller must then withhold the text. Raises NotFound for an unknown rail.
        """
        rails = self.rails(stage, only)
        if not rails:
            return Verdict(blocked=False)
        context = self._context(rails, {**measurements, "limits": self._limits})
        events = [{"type": "ContextUpdate", "data": context}]
        # The flow is started by its name, as NeMo starts its own parallel rails; no message, so no text, is needed.
        events.append({"type": "start_flow", "flow_id": rails_flow(rails[0].stage)})
        try:
            with checking():  # It never waits for anything, so nobody else's work falls into it.
                happened = await self._nemo.generate_events_async(events)
        except Exception as error:
            raise RailsUnavailable(f"the {stage} rails could not decide: {type(error).__name__} {error}") from error
        return self._verdict(rails, happened)

    def _named(self, name: str) -> Rail:
        for rail in self._bundle.rails:
            if rail.name == name:
                return rail
        raise NotFound(
            f"no rail named {name!r}; there are: {', '.join(each.name for each in self._bundle.rails)}", param="rail"
        )

    def _context(self, rails: Sequence[Rail], measured: Measurements) -> dict[str, Any]:
        """What `rails` read and nothing more, checked."""
        context: dict[str, Any] = {CHOSEN: [rail.name for rail in rails]}
        for member in sorted({member for rail in rails for member in rail.members}):
            name, _, part = member.partition(".")
            value = value_of(member, measured)
            if part:
                context.setdefault(name, {})[part] = value
            else:
                context[name] = value
        return context

    def _verdict(self, rails: Sequence[Rail], events: Sequence[Mapping[str, Any]]) -> Verdict:
        """The verdict that `events` bear out; raises RailsUnavailable for anything but a clean pass or a clean stop."""
        vouched = passed(events)
        said = [event["script"] for event in events if event["type"] == "StartUtteranceBotAction"]
        stopped = any(event["type"] == "BotIntent" and event.get("intent") == "stop" for event in events)
        names = [rail.name for rail in rails]
        if not said and not stopped and vouched == names:
            return Verdict(blocked=False)
        done = len(vouched)
        if (
            stopped
            and len(said) == 1
            and vouched == names[:done]
            and done < len(rails)
            and said[0] in rails[done].messages
        ):
            return Verdict(blocked=True, rail=names[done], message=self.message(said[0]))
        raise RailsUnavailable(f"the rails {', '.join(names)} came to no clear end after {vouched} (said: {said})")


def _open(colang: str, settings: str) -> LLMRails:
    """NeMo with our Colang and settings. Its reports of usage stay off, and so do its logs of every text."""
    os.environ["NEMO_GUARDRAILS_NO_USAGE_STATS"] = os.environ["DO_NOT_TRACK"] = "1"
    # Not `nemoguardrails.LLMRails`: an environment variable turns that into an engine that refuses our rails.
    from nemoguardrails.rails import LLMRails, RailsConfig

    logging.getLogger("nemoguardrails").setLevel(logging.WARNING)
    try:
        with _only_actions_of_nemo():
            return LLMRails(RailsConfig.from_content(colang_content=colang, yaml_content=settings))
    except Exception as error:
        raise RailsUnavailable(f"NeMo cannot read the rails: {error}") from error


@contextmanager
def _only_actions_of_nemo() -> Iterator[None]:
    """While it lasts, NeMo does not run a file `actions.py` that happens to lie in the working directory."""
    from nemoguardrails.actions import action_dispatcher

    dispatcher = action_dispatcher.ActionDispatcher
    package = Path(action_dispatcher.__file__).resolve().parents[1]
    load = dispatcher.load_actions_from_path

    def load_own(self: Any, path: Path) -> None:
        if Path(path).resolve().is_relative_to(package):
            load(self, path)

    dispatcher.load_actions_from_path = load_own
    try:
        yield
    finally:
        dispatcher.load_actions_from_path = load


def _tune(nemo: LLMRails, own: set[str]) -> None:
    """Drops what rails cannot reach, about 90 library flows looked at in every step, and parses each condition once."""
    from nemoguardrails.colang.v1_0.runtime import flows, sliding

    runtime = nemo.runtime
    kept = _FLOWS | own | {rails_flow("input"), rails_flow("output")}
    runtime.flow_configs = {name: flow for name, flow in runtime.flow_configs.items() if name in kept}
    actions = runtime.action_dispatcher
    actions._registered_actions = {name: each for name, each in actions._registered_actions.items() if name in _ACTIONS}
    actions._lazy_action_refs.clear()
    flows.eval_expression = sliding.eval_expression = _evaluate


@lru_cache(maxsize=1)
def _warn_untuned(tested: str) -> None:
    log.warning("nemoguardrails is %s, not %s: its rails run untuned, and slower", version("nemoguardrails"), tested)


_VARIABLE = re.compile(r"\$([a-zA-Z_][a-zA-Z0-9_]*)")
_own = threading.local()


def _evaluate(expression: Any, context: Mapping[str, Any]) -> Any:
    """What NeMo's eval_expression gives, with each expression parsed only once."""
    from nemoguardrails.colang.v1_0.runtime.utils import AttributeDict
    from simpleeval import SimpleEval

    if not isinstance(expression, str):
        return expression
    names, tree = _parsed(expression)
    evaluator = getattr(_own, "evaluator", None)
    if evaluator is None:
        evaluator = _own.evaluator = SimpleEval(functions={"len": len})
    values = ((name, context.get(name)) for name in names)
    evaluator.names = {f"var_{name}": AttributeDict(v) if isinstance(v, dict) else v for name, v in values}
    return evaluator.eval(expression, previously_parsed=tree)


@lru_cache(maxsize=4096)
def _parsed(expression: str) -> tuple[tuple[str, ...], Any]:
    from simpleeval import SimpleEval

    return tuple(dict.fromkeys(_VARIABLE.findall(expression))), SimpleEval.parse(_VARIABLE.sub(r"var_\1", expression))
