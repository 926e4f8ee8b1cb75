"""The first page: what each vertical serves, since when, by whom, and how its rails are doing."""

from __future__ import annotations

from assistant.console.routes import console_page
from assistant.console.shell import empty, frame
from assistant.console.visits import Visit


def add_verticals_page() -> None:
    """Registers `/`."""

    @console_page("/")
    async def verticals(visit: Visit) -> None:
        say = visit.words("verticals")
        with frame(visit, say("title"), section="verticals"):
            empty(say("none"))
