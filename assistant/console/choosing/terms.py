"""The terms of a choice as somebody states them: what quality is, the weights, and the gates."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement
from nicegui.events import GenericEventArguments

from assistant.console.shell import button, card, heading, tag
from assistant.console.visits import Visit
from assistant.errors import Invalid
from assistant.evals.metrics import METRICS
from assistant.evals.runs import Run
from assistant.evals.select import WEIGHTS, Gate, Terms, default_gates, parse_gate, parse_weights

_MOST = 20
"""Where a weight's slider ends; only how the weights stand to one another counts."""
_SIGNS = {"<=": "at_most", ">=": "at_least"}
Changed = Callable[[], Awaitable[None]]


class TermsPanel:
    """Sliders and fields; `terms` is what they say now, and `changed` is called whenever that is something else."""

    def __init__(self, visit: Visit, run: Run, changed: Changed) -> None:
        self._visit, self._run, self._changed, self._say = visit, run, changed, visit.words("choice")
        self._usual()
        with card(self._say("terms")):
            self._place = ui.element("div").classes("terms")
        self._show()

    @property
    def terms(self) -> Terms:
        """The terms as they stand; raises Invalid where no weight counts."""
        weights = parse_weights(",".join(f"{name}={value:g}" for name, value in self._weights.items()))
        return Terms(quality=self._quality, weights=weights, gates=tuple(self._gates), seed=self._run.spec.seed)

    def _usual(self) -> None:
        self._quality = "right"
        self._weights = {name: value * _MOST for name, value in WEIGHTS.items()}
        self._gates = list(default_gates(self._run))

    def _show(self) -> None:
        self._place.clear()
        with self._place:
            shares = [m.name for m in METRICS.values() if m.better == "higher" and m.unit in ("", "of 100")]
            quality = _select("quality", self._say("quality_is"), {m: self._metric(m) for m in shares}, self._quality)
            quality.on("change", self._visit.doing(self._quality_chosen), js_handler=_VALUE)
            heading(self._say("weights"), 3)
            self._outputs = {name: self._weight(name) for name in WEIGHTS}
            self._shares()
            heading(self._say("gates"), 3)
            for gate in self._gates:
                self._gate(gate)
            self._further()

            async def again() -> None:
                self._usual()
                self._show()
                await self._changed()

            button(self._say("usual"), small=True).on("click", self._visit.doing(again))

    async def _quality_chosen(self, event: GenericEventArguments) -> None:
        if event.args in METRICS:
            self._quality = str(event.args)
            await self._changed()

    def _weight(self, name: str) -> TextElement:
        with ui.element("div").classes("weight"):
            tag("label", self._say(name)).props(f'for="weight-{name}"')
            slider = ui.element("input").props(f'id="weight-{name}" type="range" min="0" max="{_MOST}" step="1"')
            slider.props["value"] = f"{self._weights[name]:g}"
            output = tag("output").props(f'for="weight-{name}"')

        async def moved(event: GenericEventArguments) -> None:
            self._weights[name] = _number(event.args)
            self._shares()
            await self._changed()

        slider.on("input", self._visit.doing(moved), js_handler=_VALUE, throttle=0.15)
        return output

    def _shares(self) -> None:
        total = sum(self._weights.values()) or 1.0
        for name, output in self._outputs.items():
            output.text = self._say("share", percent=round(100 * self._weights[name] / total))

    def _gate(self, gate: Gate) -> None:
        name = self._say("gate_label", metric=self._metric(gate.metric), sign=self._say(_SIGNS[gate.sign]))
        identity = f"gate-{ui.context.client.next_element_id}"
        with ui.element("div").classes("gate"):
            tag("label", name).props(f'for="{identity}"')
            made = ui.element("input").props(f'id="{identity}" type="number" step="any" min="0"')
            made.props["value"] = f"{gate.value:g}"
            gone = button("×", small=True)
            gone.props["aria-label"] = self._say("remove", metric=self._metric(gate.metric))
        here = [gate]

        async def moved(event: GenericEventArguments) -> None:
            here.append(gate.model_copy(update={"value": _number(event.args)}))
            self._gates[self._gates.index(here[-2])] = here[-1]
            await self._changed()

        async def removed() -> None:
            self._gates.remove(here[-1])
            self._show()
            await self._changed()

        made.on("change", self._visit.doing(moved), js_handler=_VALUE)
        gone.on("click", self._visit.doing(removed))

    def _further(self) -> None:
        with tag("details").classes("adding"):
            tag("summary", self._say("add_gate"))
            chosen = {"metric": next(iter(METRICS)), "sign": "<=", "value": "0"}
            signs = {sign: self._say(key) for sign, key in _SIGNS.items()}
            fields = {
                "metric": _select("new-metric", self._say("metric"), {m: self._metric(m) for m in METRICS}, "right"),
                "sign": _select("new-sign", self._say("sign"), signs, "<="),
            }
            tag("label", self._say("value")).props('for="new-value"')
            fields["value"] = ui.element("input").props('id="new-value" type="number" step="any" min="0" value="0"')
            for name, made in fields.items():
                made.on("change", lambda event, name=name: chosen.update({name: str(event.args)}), js_handler=_VALUE)

            async def add() -> None:
                self._gates.append(parse_gate("{metric}{sign}{value}".format(**chosen)))
                self._show()
                await self._changed()

            button(self._say("add"), small=True).on("click", self._visit.doing(add))

    def _metric(self, name: str) -> str:
        return self._say(f"metric_{name}")


_VALUE = "(event) => emit(event.target.value)"


def _number(text: object) -> float:
    try:
        found = float(str(text))
    except ValueError as error:
        raise Invalid(f"{text!r} is no number") from error
    if not 0 <= found < float("inf"):
        raise Invalid(f"{text!r} must be a number from 0 upwards")
    return found


def _select(name: str, label: str, options: dict[str, str], chosen: str) -> ui.element:
    tag("label", label).props(f'for="{name}"')
    with ui.element("select").props(f'id="{name}"') as made:
        for value, text in options.items():
            option = tag("option", text)
            option.props["value"] = value
            if value == chosen:
                option.props("selected")
    return made
