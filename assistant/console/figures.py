"""Small drawings: inline SVG made of numbers alone, each with its words beside it for whoever does not see it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from nicegui import ui
from nicegui.element import Element

from assistant.rails.topic_map import Point

_BAR, _GAP, _TALL = 7, 2, 26
_MAP_W, _MAP_H, _EDGE = 760, 460, 22
_GOLDEN_ANGLE = 137.508  # Hues this far apart stay apart, however many there are.


def bars(values: Sequence[int], *, label: str) -> Element:
    """One bar a day."""
    most, width = max([*values, 1]), len(values) * (_BAR + _GAP)
    drawn = "".join(
        f'<rect x="{place * (_BAR + _GAP)}" y="{_TALL - height}" width="{_BAR}" height="{height}" rx="1"'
        f' class="{"some" if value else "none"}"/>'
        for place, value in enumerate(values)
        for height in (max(2, round(_TALL * value / most)) if value else 2,)
    )
    return _svg(drawn, width, _TALL, label, "bars")


def meter(value: float, limit: float | None) -> Element:
    """A measurement from 0 to 1, and the limit it is held against."""
    filled = f'<rect x="0" y="2" width="{100 * min(max(value, 0), 1):.1f}" height="6" rx="3" class="fill"/>'
    mark = "" if limit is None else f'<rect x="{100 * limit - 0.75:.1f}" y="0" width="1.5" height="10" class="limit"/>'
    return _svg(f'<rect x="0" y="2" width="100" height="6" rx="3" class="ground"/>{filled}{mark}', 100, 10, "", "meter")


def interval(value: float, low: float, high: float, *, label: str = "") -> Element:
    """A value from 0 to 1 with its interval, about a line at the middle."""
    ends = f'x="{200 * low:.1f}" width="{max(200 * (high - low), 1):.1f}"'
    drawn = (
        '<rect x="0" y="9" width="200" height="2" class="ground"/><rect x="99.5" y="2" width="1" height="16" '
        f'class="limit"/><rect {ends} y="7" height="6" rx="3" class="reach"/>'
        f'<circle cx="{200 * value:.1f}" cy="10" r="5" class="fill"/>'
    )
    return _svg(drawn, 200, 20, label, "meter")


def topic_map(points: Sequence[Point], *, label: str, off_topic: str) -> Element:
    """Every example as a point in the colour of its form; one that overlaps another form has a ring.

    Forms whose name starts with `off_topic` are squares. `data-` attributes say what is under the pointer.
    """
    forms = list(dict.fromkeys(each.form for each in points))
    drawn = "".join(
        _point(each, forms.index(each.form), square=each.form.startswith(off_topic))
        for each in sorted(points, key=lambda each: each.overlaps)
    )
    return _svg(drawn, _MAP_W, _MAP_H, label, "topic-map")


def _point(point: Point, form: int, *, square: bool) -> str:
    x = _EDGE + point.x * (_MAP_W - 2 * _EDGE)
    y = _EDGE + (1 - point.y) * (_MAP_H - 2 * _EDGE)
    colour = f"hsl({form * _GOLDEN_ANGLE % 360:.0f} 55% 50%)"
    ring = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8" class="ring"/>' if point.overlaps else ""
    dot = (
        f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="{colour}"/>'
        if square
        else f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>'
    )
    said = f'data-form="{escape(point.form)}" data-text="{escape(point.text)}" data-near="{escape(point.nearest_form)}"'
    return f"<g {said}>{ring}{dot}</g>"


def _svg(drawn: str, width: int, height: int, label: str, kind: str) -> Element:
    told = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    text = f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" class="{kind}" {told}>{drawn}</svg>'
    return ui.html(text, sanitize=False, tag="span").classes(f"figure {kind}-holder")
