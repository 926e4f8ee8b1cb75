"""A draft under somebody's hands: kept at every pause of their typing, checked, and mistakes marked in their lines."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic

from nicegui import background_tasks, ui
from nicegui.element import Element

from assistant.console.door import PATH
from assistant.console.shell import notice, tag
from assistant.console.visits import Visit
from assistant.errors import AssistantError
from assistant.rails.lines import Problem
from assistant.releases.drafts import Draft

PAUSE_S = 0.5
MOST_S = 1.4
"""So long after a letter at the latest it is kept, however fast somebody types on: nobody loses two seconds of work."""
Heard = Callable[[], Awaitable[None]]


@dataclass
class Writing:
    """One person's draft of one folder, as a page holds it. Whoever shows a part of it listens for changes."""

    visit: Visit
    draft: Draft
    title: str
    """What a proposal that begins here is called."""
    problems: tuple[Problem, ...] = ()
    kept: list[Heard] = field(default_factory=list)
    """Called after changes were kept and checked."""
    _waiting: dict[str, bytes | None] = field(default_factory=dict)
    _keeping: dict[str, bytes | None] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One after the other: what is kept late must not take the place of what was typed after it."""
    _since: float = 0.0
    _task: asyncio.Task[None] | None = None
    _status: Element | None = None

    def text(self, path: str) -> str:
        """A file as it stands here, with what was typed and is not kept yet."""
        waiting = {**self._keeping, **self._waiting}.get(path)
        return waiting.decode() if waiting is not None else self.draft.text(path)

    def typed(self, path: str, text: str) -> None:
        """Somebody types: kept at their next pause."""
        if text == self.text(path):
            return
        if not self._waiting:
            self._since = monotonic()
        self._waiting[path] = text.encode()
        self._say("saving")
        if self._task:
            self._task.cancel()
        pause_s = max(0.0, min(PAUSE_S, self._since + MOST_S - monotonic()))
        self._task = background_tasks.create(self._keep_after(pause_s, ui.context.slot.parent))

    async def write(self, files: Mapping[str, str]) -> None:
        """Keeps these files at once, as after a click; raises an AssistantError saying why not."""
        self._waiting |= {path: text.encode() for path, text in files.items()}
        await self.keep()

    async def settle(self) -> None:
        """Keeps at once what waits for a pause, before anything is done with the draft as it stands."""
        if self._task:
            self._task.cancel()
            self._task = None
        await self.keep()

    async def keep(self) -> None:
        """Keeps what waits, if anything does, and checks the whole draft again."""
        async with self._turn:
            if not self._waiting:
                return
            self._keeping, self._waiting = self._waiting, {}
            try:
                by = await self.visit.caller()
                self.draft = await self.visit.desk.drafts.save(self.draft, self._keeping, by, title=self.title)
            except AssistantError:
                self._waiting = {**self._keeping, **self._waiting}
                self._say("unsaved")
                raise
            finally:
                self._keeping = {}
            self._say("saving" if self._waiting else "saved")
        await self.check()

    async def check(self) -> None:
        """Looks for mistakes, and tells whoever listens."""
        draft = self.draft
        problems = await self.visit.desk.drafts.problems(draft)
        if draft is not self.draft:
            return  # What was kept meanwhile is being looked at too.
        self.problems = problems
        for each in self.kept:
            await each()

    def status(self) -> None:
        """A line that says whether all is kept, and where the change can be seen."""
        with ui.element("div").classes("line status").props('role="status" aria-live="polite"') as self._status:
            pass
        self._say("saved" if self.draft.proposal else "none")
        if self.draft.stale:
            notice(self.visit.words("editing")("stale"), "warn")

    async def _keep_after(self, pause_s: float, place: Element) -> None:
        await asyncio.sleep(pause_s)
        with place:
            # From here on a further letter begins a wait of its own and does not cut this one off.
            self._task = None
            await self.visit.doing(self.keep)()

    def _say(self, key: str) -> None:
        say = self.visit.words("editing")
        if self._status is None:
            return
        self._status.clear()
        with self._status:
            tag("span", say(key)).classes(f"saved {key}")
            if self.draft.proposal is not None:
                link = tag("a", self.draft.proposal.title)
                link.props(f'href="{PATH}/changes/{self.draft.proposal.id}"')


def editor(writing: Writing, path: str, *, label: str) -> ui.codemirror:
    """An editor of one file: numbered lines, mistakes marked in theirs, and listed below with a way to each."""
    name = writing.draft.folder.partition("/")[2]
    made = ui.codemirror(writing.text(path), language="Shell", line_wrapping=True, indent="  ").classes("editor")
    made.on_value_change(lambda event: writing.typed(path, event.value))
    ui.timer(0.2, lambda: _tell(made, _named(label)), once=True)
    below = ui.element("div").classes("problems").props('role="status" aria-live="polite"')

    async def mark() -> None:
        here = [each for each in writing.problems if each.file == f"{name}/{path}"]
        lines = writing.text(path).split("\n")
        marked = {min(each.line or 1, len(lines)): each.message for each in here}
        _tell(made, _marked(marked))
        below.clear()
        with below:
            for each in here:
                _problem(made, each, writing.visit)

    writing.kept.append(mark)
    return made


def other_problems(writing: Writing, *, but: tuple[str, ...]) -> None:
    """What is wrong in the other files of the draft, which this page does not show as text."""
    holder, name = ui.element("div").classes("problems"), writing.draft.folder.partition("/")[2]

    async def show() -> None:
        holder.clear()
        with holder:
            for each in writing.problems:
                if each.file not in [f"{name}/{path}" for path in but]:
                    tag("p", f"{each.file}{f':{each.line}' if each.line else ''} — {each.message}").classes("wrong")

    writing.kept.append(show)


def _problem(made: ui.codemirror, each: Problem, visit: Visit) -> None:
    say, line = visit.words("editing"), each.line or 1
    with tag("p").classes("wrong"):
        jump = tag("button", say("line", n=line)).classes("jump").props('type="button"')
        jump.on(
            "click",
            js_handler=f"() => {{ const editor = getElement({made.id}).editor, at = editor.state.doc.line({line}).to;"
            " editor.dispatch({selection: {anchor: at}, scrollIntoView: true}); editor.focus(); }",
        )
        tag("span", each.message)


def _named(label: str) -> str:
    """Tells screen readers what is edited, and lets Tab leave the editor, as everywhere else; spaces indent."""
    name = json.dumps(label)
    return f"made.editor.contentDOM.setAttribute('aria-label', {name}); made.editor.setTabFocusMode(true);"


def _marked(lines: Mapping[int, str]) -> str:
    marks = json.dumps([{"kind": "line", "line": line, "class": "wrong-line"} for line in lines])
    return f"made.setDecorations({marks}); made.setLineTooltips({json.dumps(lines)});"


def _tell(made: ui.codemirror, script: str) -> None:
    """Runs in the browser on the editor, `made`, once it is there.

    Properties are not set from here: NiceGUI sends an element whole, so a mark would bring with it the text as it was
    known here and undo what somebody types meanwhile.
    """
    made.client.run_javascript(
        f"(async () => {{ const made = getElement({made.id}); await made?.editorPromise; if (made) {{ {script} }} }})()"
    )
