"""Canaries: before a vertical counts as ready, each of its rails must really have stopped a text it is there for."""

from __future__ import annotations

from assistant.rails.bundle import Rail
from assistant.rails.live import Release
from assistant.rails.sheets import Example
from assistant.rails.trials import play

_OFF_TOPIC = "off topic"


async def let_through(release: Release) -> tuple[str, ...]:
    """Names of the rails that stop none of the texts they must stop, in order; none where all is well.

    Decided by the release's own guards and engine. A rail is tried until it stops one text, which is nearly always the
    first: how many it misses is what trials measure, here it is whether it works at all. A rail for which there is no
    such text is not tried. Raises RailsUnavailable where guards or rails are broken.
    """
    return tuple([rail.name for rail in release.bundle.rails if not await _stops(rail, release)])


async def _stops(rail: Rail, release: Release) -> bool:
    texts = _texts(rail, release)
    for text in texts:
        trial = await play(rail, "block", text, release.engine, release.guards)
        if trial.passed:
            return True
    return not texts


def _texts(rail: Rail, release: Release) -> tuple[Example, ...]:
    """The rail's own `block:` examples; for `topics`, which has none where no examples.yaml was written, what
    topics.co calls off topic."""
    own = release.bundle.examples.get(rail.name, {}).get("block", ())
    if own or rail.name != "topics":
        return tuple(own)
    forms = release.bundle.forms.items()
    return tuple(Example(text) for name, texts in forms if name.startswith(_OFF_TOPIC) for text in texts)
