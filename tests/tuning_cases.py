"""Cases of sections for tests: small, different from each other, and well formed."""

from __future__ import annotations

from assistant.tuning import SectionCase

THINGS = ("cough", "rash", "sore knee", "headache", "earache", "back pain", "sore throat", "itch", "burn", "cold")


def cases(count: int) -> list[SectionCase]:
    """`count` short dialogues under two headings, no two alike."""
    found = []
    for n in range(count):
        thing, days = THINGS[n % len(THINGS)], n // len(THINGS) + 2
        said = f"Doctor: What brings you in?\nPatient: I have had a {thing} for {days} days."
        dialogue = f"{said}\nDoctor: Any fever?\nPatient: No."
        text = f"{thing.capitalize()} for {days} days, no fever."
        found.append(SectionCase(f"case-{n}", ("Reason for visit", "History")[n % 2], dialogue, text))
    return found
