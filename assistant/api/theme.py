"""Colours of a page from one accent, dark enough on light ground and light enough on dark ground to be read."""

from __future__ import annotations

LIGHT_GROUND = "#fbfaf8"
"""The darkest of the light grounds that accents stand on: what can be read here can be read on white."""
DARK_GROUND = "#1f2226"
"""The lightest of the dark grounds."""
_READABLE = 4.5  # WCAG 2.2, 1.4.3 Contrast (Minimum), level AA.
_STEPS = 20

Colour = tuple[float, float, float]


def theme(accent: str) -> dict[str, dict[str, str]]:
    """The accent and the text on it, for light and for dark ground; `accent` is #rrggbb."""
    readables = {"light": readable(accent, LIGHT_GROUND), "dark": readable(accent, DARK_GROUND)}
    return {ground: {"accent": colour, "on_accent": text_on(colour)} for ground, colour in readables.items()}


def theme_css(accent: str) -> str:
    """A style sheet that sets the accent, and the text on it, for light and for dark; `accent` is #rrggbb."""
    light, dark = (
        f":root{{--accent:{each['accent']};--on-accent:{each['on_accent']}}}" for each in theme(accent).values()
    )
    return f"{light}\n@media(prefers-color-scheme:dark){{{dark}}}\n"


def readable(colour: str, ground: str) -> str:
    """The colour nearest to `colour`, towards black or white, that can be read on `ground`."""
    end = _parse("#000000") if _luminance(_parse(ground)) > 0.5 else _parse("#ffffff")
    for step in range(_STEPS):
        candidate = _written(_mixed(_parse(colour), end, step / _STEPS))
        if contrast(candidate, ground) >= _READABLE:
            return candidate
    return _written(end)


def text_on(ground: str) -> str:
    """White or near-black, whichever reads better on `ground`."""
    return max(("#ffffff", "#111111"), key=lambda colour: contrast(colour, ground))


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    lighter, darker = sorted((_luminance(_parse(first)), _luminance(_parse(second))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _parse(colour: str) -> Colour:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def _written(colour: Colour) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in colour)


def _mixed(colour: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (own + (end - own) * share for own, end in zip(colour, other, strict=True))
    return red, green, blue


def _luminance(colour: Colour) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
