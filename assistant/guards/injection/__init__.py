"""Attempts to take the assistant over: exact patterns, and a small head trained on sentences written for it."""

from assistant.guards.injection.guard import InjectionGuard, InjectionScore
from assistant.guards.injection.patterns import InjectionKind

__all__ = ["InjectionGuard", "InjectionKind", "InjectionScore"]
