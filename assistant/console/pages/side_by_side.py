"""Side by side: two models' answers to one case, without names; which is better, and what is to correct."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import groupby
from time import monotonic
from typing import Literal

from nicegui import ui

from assistant.console.choosing.standing import standing
from assistant.console.routes import console_page
from assistant.console.shell import button, card, crumbs, empty, field, frame, heading, notice, tag
from assistant.console.source import sources
from assistant.console.visits import Visit
from assistant.errors import AssistantError
from assistant.evals.compare import KEYS, Line, Pair, Preferred, lines, pairs, preference
from assistant.evals.edited import edited
from assistant.evals.results import Result
from assistant.releases.choosing import KeptRun

Side = Literal["first", "second"]
_SIDES: tuple[Side, ...] = ("first", "second")
_EDIT, _BACK = "e", "escape"
# A key does what the button that names it does, so that it always acts on the pair that is seen.
_SCRIPT = """<script>document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest?.('input, select, textarea') || document.querySelector('[data-keys="off"]')) return;
  const named = [...document.querySelectorAll(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`)]
    .find(each => each.offsetParent);
  if (named) { event.preventDefault(); named.click(); }
});</script>"""

_ASKING = (
    "() => {{ const bar = getHtmlElement({bar}); bar.dataset.asks = 'which'; "
    "bar.querySelector('.which button').focus(); }}"
)
_ASKED = "() => {{ delete getHtmlElement({bar}).dataset.asks; }}"


def add_side_by_side_page() -> None:
    """Registers `/models/side-by-side/{run}/{vertical}`."""

    @console_page("/models/side-by-side/{run}/{vertical}")
    async def show(visit: Visit, run: str, vertical: str) -> None:
        say = visit.words("side_by_side")
        kept = await visit.desk.choosing.run(run, vertical, await visit.caller())
        with frame(visit, say("title"), section="models", wide=True):
            crumbs(visit, (say("models"), "/models"))
            tag("p", say("lead")).classes("lead")
            tag("p", say("about", run=kept.name, vertical=kept.vertical, cases=len(kept.run.cases))).classes("hint")
            ui.add_head_html(_SCRIPT)
            sides = _Sides(visit, kept)
            await sides.show()
            standing(visit, kept)


class _Sides:
    """One pair after the other, until every pair is judged."""

    def __init__(self, visit: Visit, kept: KeptRun) -> None:
        self._visit, self._kept, self._say = visit, kept, visit.words("side_by_side")
        self._all = len(list(pairs(kept.run)))
        self._keys()
        self._told = tag("p").classes("hint").props('role="status"')
        self._holder = ui.element("div")

    async def show(self, *, focus: bool = False) -> None:
        """The first pair that nobody has judged."""
        done = await self._visit.desk.choosing.preferences(self._kept)
        left = list(pairs(self._kept.run, done=done))
        self._told.text = self._say("kept" if focus else "progress", done=self._all - len(left), all=self._all)
        self._holder.clear()
        with self._holder:
            tag("progress").props(
                f'max="{max(self._all, 1)}" value="{self._all - len(left)}" aria-hidden="true"'
            ).classes("bar judged-so-far")
            if not left:
                empty(self._say("all_judged"), self._say("all_judged_hint"))
                return
            title = _case(self._visit, left[0])
            _Duel(self._visit, self._kept, left[0], self._judged)
        if focus:  # The one that was judged is gone, and with it the focus.
            title.client.run_javascript(f"getHtmlElement({title.id})?.focus()")

    async def _judged(self) -> None:
        await self.show(focus=True)

    def _keys(self) -> None:
        """What the keys do, and a switch: who speaks to their machine may say a letter that is not meant for us."""
        with ui.element("div").classes("line keys"):
            tag("span", self._say("keys")).classes("hint")
            switch = button(self._say("keys_on"), small=True).props('data-keys="on"')

            def turned() -> None:
                on = switch.props["data-keys"] == "off"
                switch.props["data-keys"] = "on" if on else "off"
                switch.text = self._say("keys_on" if on else "keys_off")

            switch.on("click", turned)


class _Duel:
    """One pair with what can be done about it."""

    def __init__(self, visit: Visit, kept: KeptRun, pair: Pair, judged: Callable[[], Awaitable[None]]) -> None:
        self._visit, self._kept, self._pair, self._then = visit, kept, pair, judged
        self._say, self._began_s, self._over = visit.words("side_by_side"), monotonic(), False
        self._cards: dict[Side, ui.element] = {}
        with ui.element("div").classes("columns even duel"):
            for number, side in enumerate(_SIDES, start=1):
                with ui.element("section").classes("card").props(f'aria-labelledby="answer-{number}"'):
                    heading(self._say("answer", n=number), 2).props(f'id="answer-{number}"')
                    own, other = (pair.first, pair.second) if side == "first" else (pair.second, pair.first)
                    _answer(visit, own, lines(own, other))
                    self._cards[side] = ui.element("div").props('aria-live="polite"')
        self._judging()
        tag("p", self._say("differing")).classes("hint")
        if not all(each.sentences or not each.text for each in (pair.first, pair.second)):
            tag("p", self._say("not_told")).classes("hint")

    def _judging(self) -> None:
        """Which is better; or, once that was asked for, which is to be corrected.

        Both stand there, and the browser alone shows the one or the other: of two keys pressed one after the other the
        second must never reach a button that the first was to take away.
        """
        with ui.element("div").classes("judging").props('role="group"') as bar:
            with ui.element("div").classes("line better"):
                for key, preferred in KEYS.items():
                    made = _keyed(self._say(preferred), key, primary=preferred in _SIDES)
                    made.on("click", self._visit.doing(self._preferring(preferred)))
                _keyed(self._say("edit"), _EDIT).on("click", js_handler=_ASKING.format(bar=bar.id))
            with ui.element("div").classes("line which"):
                tag("span", self._say("which")).classes("strong")
                for number, side in enumerate(_SIDES, start=1):
                    made = _keyed(self._say(f"edit_{side}"), str(number))
                    made.on("click", lambda side=side: self._editing(side))
                    made.on("click", js_handler=_ASKED.format(bar=bar.id))
                _keyed(self._say("back"), _BACK, shown="Esc").on("click", js_handler=_ASKED.format(bar=bar.id))
        bar.props["aria-label"] = self._say("title")

    def _preferring(self, preferred: Preferred) -> Callable[[], Awaitable[None]]:
        async def prefer() -> None:
            if self._over:  # A key pressed twice is meant once.
                return
            self._over = True
            kept = preference(self._pair, preferred, seconds=monotonic() - self._began_s)
            try:
                await self._visit.desk.choosing.prefer(self._kept, kept, await self._visit.caller())
            except AssistantError:
                self._over = False
                raise
            await self._then()

        return prefer

    def _editing(self, side: Side) -> None:
        """The answer in a field, until what stands there is kept or left."""
        result, place, began_s = getattr(self._pair, side), self._cards[side], monotonic()
        place.clear()
        with place:
            text = field(self._say("text"), result.text, lines=8, hint=self._say("text_hint"))
            with ui.element("div").classes("line"):
                keep, leave = button(self._say("keep"), primary=True), button(self._say("leave"))
        ui.timer(0.05, lambda: text.run_method("focus"), once=True)

        async def kept() -> None:
            made = edited(result, text.value or "", seconds=monotonic() - began_s)
            await self._visit.desk.choosing.correct(self._kept, made, await self._visit.caller())
            counts = {"words": made.word_edits, "characters": made.character_edits, "seconds": round(made.seconds)}
            place.clear()
            with place:
                notice(self._say("corrected", **counts), "good")
            place.client.run_javascript("document.activeElement?.blur()")

        keep.on("click", self._visit.doing(kept))
        text.on("keydown.ctrl.enter", self._visit.doing(kept))
        leave.on("click", place.clear)
        text.on("keydown.esc", place.clear)


def _keyed(text: str, key: str, *, primary: bool = False, shown: str | None = None) -> ui.element:
    """A button that a key presses too, and that names it."""
    made = button("", primary=primary).props(f'data-key="{key}" aria-keyshortcuts="{shown or key}"')
    with made:
        tag("span", text)
        tag("kbd", shown or key).props('aria-hidden="true"')
    return made


def _case(visit: Visit, pair: Pair) -> ui.element:
    """What was asked; returns the heading, which takes the focus when the next pair is shown."""
    say, case = visit.words("side_by_side"), pair.case
    with card():
        tag("p", say("question")).classes("hint flush")
        title = heading(case.question, 2).props('tabindex="-1"').classes("asked")
        with tag("dl").classes("facts"):
            tag("dt", say("reference"))
            tag("dd", case.reference or say("nothing_answers"))
        if case.documents:
            with tag("details").classes("adding"):
                tag("summary", say("brought"))
                sources(case.as_documents(), ())
    return title


def _answer(visit: Visit, result: Result, shown: tuple[Line, ...]) -> None:
    say = visit.words("side_by_side")
    if not shown:
        tag("p", say("no_answer")).classes("hint")
        return
    with tag("ul").classes("judged"):
        for line in shown:
            told = {True: "borne_out", False: "not_borne_out", None: "claims_nothing"}[line.borne_out]
            with tag("li").classes(told):
                with tag("span").classes("said"):
                    for apart, words in groupby(line.words, key=lambda each: each[1]):
                        tag("mark" if apart else "span", " ".join(word for word, _ in words))
                        tag("span", " ")
                if result.sentences:
                    tag("span", say(told)).classes("told")
