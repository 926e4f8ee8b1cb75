"""The HTTP doors: they translate, call one service, and translate back."""

from assistant.api.entrance import create_api
from assistant.api.services import Services, VerticalCard

__all__ = ["Services", "VerticalCard", "create_api"]
