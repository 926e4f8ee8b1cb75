"""Units of measure: which are the same kind of thing, and how many of one make another."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """A kind of quantity and the factor that turns it into that kind's base unit."""

    kind: str
    factor: float


_TABLE: dict[str, dict[float, str]] = {
    # Days and months stay apart (a month has no fixed number of days); so do working days.
    "duration": {1 / 86400: "second seconds sec secs", 1 / 1440: "minute minutes min mins", 1 / 24: "hour hours hr hrs h", 1: "day days", 7: "week weeks wk wks", 14: "fortnight"},
    "months": {1: "month months mo mos", 12: "year years yr yrs", 120: "decade decades"},
    "working days": {1: "working-day working-days business-day business-days", 5: "working-week"},
    "mass": {1e-6: "mcg µg microgram micrograms ug", 1e-3: "mg milligram milligrams", 1: "g gram grams gr", 1e3: "kg kilogram kilograms kilo kilos", 28.35: "oz ounce ounces", 453.6: "lb lbs pound-weight"},
    "length": {1e-3: "mm millimetre millimetres millimeter millimeters", 1e-2: "cm centimetre centimetres centimeter centimeters", 1: "m metre metres meter meters", 1e3: "km kilometre kilometres kilometer kilometers", 0.0254: "inch inches", 0.3048: "ft foot feet", 1609.34: "mile miles"},
    "volume": {1e-3: "ml millilitre millilitres milliliter milliliters", 1e-2: "cl", 1: "l litre litres liter liters", 0.5683: "pint pints"},
    "energy": {1: "kcal calories", 1e-3: "cal"},
    "storage": {1e-3: "kb", 1: "mb megabyte megabytes", 1e3: "gb gigabyte gigabytes", 1e6: "tb"},
    "power": {1: "w watt watts", 1e3: "kw"},
    "charge": {1: "mah"},
    "percent": {1: "% percent per-cent pct", 100: "percentage"},
    "temperature": {1: "°c degrees celsius °f"},
    "pressure": {1: "mmhg"},
    "euro": {1: "€ eur euro euros", 0.01: "cent cents"},
    "pound": {1: "£ gbp pound pounds", 0.01: "pence p"},
    "dollar": {1: "$ usd dollar dollars"},
    "times": {1: "time times x"},
    "age": {1: "year-old years-old yo"},
}  # fmt: skip
UNITS: dict[str, Unit] = {
    name: Unit(kind, factor) for kind, row in _TABLE.items() for factor, names in row.items() for name in names.split()
}
"""Every unit we know, by each of its names in lower case."""

CURRENCY_SIGNS = "€£$"
