"""Plots as SVG that stands in the page itself; colours and type are the page's own."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from assistant.evals.statistics import Difference, Estimate

_W, _H = 340, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 36, 14, 12, 34
_COLOURS = 8
_DECADES = 3  # What takes a thousandth of the most stands at the left edge, so that the models are not one heap.

Scale = Callable[[float], float]
"""From a value to its place in the picture."""


@dataclass(frozen=True, slots=True)
class Point:
    """A contender in a plot: what it takes, and how good it is."""

    name: str
    place: int
    """Its place among the contenders, which gives its colour."""
    across: Estimate
    up: Estimate
    ringed: bool = False
    """Whether it stands out."""


def colour(place: int) -> str:
    """The CSS colour of the contender at that place."""
    return f"var(--c{place % _COLOURS})"


def front(points: Sequence[Point]) -> list[Point]:
    """Those that no other beats both ways, the thriftiest first: the Pareto front of these two figures."""
    found: list[Point] = []
    for point in sorted(points, key=lambda each: (each.across.value, -each.up.value)):
        if not found or point.up.value > found[-1].up.value:
            found.append(point)
    return found


def against(
    points: Sequence[Point], *, unit: str, most: float = 1.0, title: str = "", candidates: Collection[str] | None = None
) -> Markup:
    """Quality upwards against what it takes to the right, on a logarithmic scale, each with its interval.

    A line joins the front of the `candidates`, of all where none are named.
    """
    floor = _floor(points)
    low, high = _decades([max(floor, v) for p in points for v in (p.across.low, p.across.value, p.across.high)])

    def x(value: float) -> float:
        share = (math.log10(max(value, floor)) - low) / (high - low)
        return _LEFT + share * (_W - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return _TOP + (1 - value / most) * (_H - _TOP - _BOTTOM)

    marks = [_point(point, x, y) for point in points]
    best = front([each for each in points if candidates is None or each.name in candidates])
    path = " ".join(f"{x(each.across.value):.1f},{y(each.up.value):.1f}" for each in best)
    line = f'<polyline class="front" points="{path}"/>' if len(best) > 1 else ""
    return _svg(_W, _H, [*_grid(x, y, low, high, unit, most), line, *marks, *_labels(points, x, y)], title)


def forest(rows: Sequence[tuple[str, int, Difference]], *, left: str, right: str) -> Markup:
    """A line for each difference with its interval, about a line at nought."""
    width, row, side = 640, 30, 190
    reach = max((max(abs(d.low), abs(d.high)) for _, _, d in rows), default=0) or 1.0
    height = row * len(rows) + 40

    def x(value: float) -> float:
        return side + (value / reach + 1) / 2 * (width - side - 20)

    parts = [f'<line class="zero" x1="{x(0):.1f}" x2="{x(0):.1f}" y1="4" y2="{height - 32}"/>']
    for n, (name, place, gap) in enumerate(rows):
        y = 18 + n * row
        parts.append(f'<text class="name" x="0" y="{y + 4}">{escape(name)}</text>')
        parts.append(_bar(x(gap.low), x(gap.high), y, colour(place)))
        parts.append(f'<circle cx="{x(gap.value):.1f}" cy="{y}" r="5" fill="{colour(place)}"/>')
    foot = height - 12
    parts.append(f'<text x="{x(0) - 10:.1f}" y="{foot}" text-anchor="end">← {escape(left)}</text>')
    parts.append(f'<text x="{x(0) + 10:.1f}" y="{foot}">{escape(right)} →</text>')
    return _svg(width, height, parts)


def strips(rows: Sequence[tuple[str, int, Sequence[float]]], *, unit: str) -> Markup:
    """A row a contender with a mark for each value, on a logarithmic scale; all values are above nought."""
    width, row, side = 640, 30, 190
    height = row * len(rows) + 40
    low, high = _decades([value for _, _, values in rows for value in values])

    def x(value: float) -> float:
        return side + (math.log10(value) - low) / (high - low) * (width - side - 20)

    parts = []
    for tick in _ticks(low, high):
        parts.append(f'<line class="grid" x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="4" y2="{height - 32}"/>')
        parts.append(f'<text x="{x(tick):.1f}" y="{height - 14}" text-anchor="middle">{tick:g} {escape(unit)}</text>')
    for n, (name, place, values) in enumerate(rows):
        y = 18 + n * row
        parts.append(f'<text class="name" x="0" y="{y + 4}">{escape(name)}</text>')
        parts += [
            f'<circle cx="{x(value):.1f}" cy="{y}" r="4" fill="{colour(place)}" opacity=".45"/>' for value in values
        ]
    return _svg(width, height, parts)


def trend(lines: Sequence[tuple[str, int, Sequence[float]]], days: Sequence[str]) -> Markup:
    """A line a contender over the runs, oldest left, from 0 to 1."""
    width, height = 640, 180

    def x(n: int) -> float:
        return _LEFT + n / max(1, len(days) - 1) * (width - _LEFT - 120)

    def y(value: float) -> float:
        return _TOP + (1 - value) * (height - _TOP - _BOTTOM)

    parts = [_rule(y(v), width - 110, f"{v:g}") for v in (0, 0.5, 1)]
    for n, day in enumerate(days):
        parts.append(f'<text x="{x(n):.1f}" y="{height - 12}" text-anchor="middle">{escape(day)}</text>')
    for name, place, values in lines:
        path = " ".join(f"{x(n):.1f},{y(v):.1f}" for n, v in enumerate(values))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour(place)}" stroke-width="2"/>')
        end = f'x="{x(len(values) - 1) + 8:.1f}" y="{y(values[-1]) + 4:.1f}"'
        parts.append(f'<text class="name" {end}>{escape(name)}</text>')
    return _svg(width, height, parts)


def _grid(x: Scale, y: Scale, low: float, high: float, unit: str, most: float) -> Iterator[str]:
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        yield _rule(y(share * most), _W - _RIGHT, f"{share * most:g}")
    for tick in _ticks(low, high):
        place = x(tick)
        yield f'<line class="grid" x1="{place:.1f}" x2="{place:.1f}" y1="{_TOP}" y2="{_H - _BOTTOM}"/>'
        yield f'<text x="{place:.1f}" y="{_H - _BOTTOM + 15}" text-anchor="middle">{tick:g}</text>'
    yield f'<text x="{_W - _RIGHT}" y="{_H - 3}" text-anchor="end">{escape(unit)}</text>'


def _rule(y: float, right: float, label: str) -> str:
    line = f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
    return f'{line}<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'


def _point(point: Point, x: Scale, y: Scale) -> str:
    across, up, ink = point.across, point.up, colour(point.place)
    cx, cy = x(across.value), y(up.value)
    ring = f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="9" fill="none" stroke="{ink}" stroke-width="2"/>'
    return (
        (ring if point.ringed else "")
        + _bar(x(across.low), x(across.high), cy, ink)
        + f'<line x1="{cx:.1f}" x2="{cx:.1f}" y1="{y(up.low):.1f}" y2="{y(up.high):.1f}" stroke="{ink}" opacity=".45"/>'
        + f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="5" fill="{ink}"><title>{escape(point.name)}</title></circle>'
    )


def _labels(points: Sequence[Point], x: Scale, y: Scale) -> Iterator[str]:
    """Names beside their points, moved down where two would lie on one another."""
    taken: list[tuple[float, float]] = []
    for point in sorted(points, key=lambda p: y(p.up.value)):
        gap = 13 if point.ringed else 9
        cx, cy = x(point.across.value), y(point.up.value) - gap
        while any(abs(cy - other) < 12 and abs(cx - near) < 110 for near, other in taken):
            cy += 12
        taken.append((cx, cy))
        anchor, beside = ("end", cx - gap) if cx > _W / 2 else ("start", cx + gap)
        yield f'<text class="name" x="{beside:.1f}" y="{cy:.1f}" text-anchor="{anchor}">{escape(point.name)}</text>'


def _bar(left: float, right: float, y: float, ink: str) -> str:
    ends = f'x1="{left:.1f}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}"'
    return f'<line {ends} stroke="{ink}" stroke-width="2" opacity=".45"/>'


def _floor(points: Sequence[Point]) -> float:
    """What stands for nothing on a scale that has no nought."""
    return max((p.across.value for p in points), default=1.0) / 10.0**_DECADES


def _decades(values: Sequence[float]) -> tuple[float, float]:
    low, high = math.log10(min(values)), math.log10(max(values))
    return (low - 0.15, high + 0.15) if high > low else (low - 0.5, high + 0.5)


def _ticks(low: float, high: float) -> list[float]:
    """Round values between two powers of ten: the powers alone where there are several."""
    steps = (1,) if high - low > 1.5 else (1, 2, 5)
    values = (step * 10.0**power for power in range(math.floor(low), math.ceil(high) + 1) for step in steps)
    return [value for value in values if low <= math.log10(value) <= high]


def _svg(width: int, height: int, parts: Sequence[str], title: str = "") -> Markup:
    named = f' aria-label="{escape(title)}"' if title else ""
    head = f'<svg viewBox="0 0 {width} {height}" style="max-width: {1.3 * width:.0f}px" role="img"{named}>'
    return Markup(f"{head}{''.join(parts)}</svg>")  # noqa: S704 — every name in it was escaped
