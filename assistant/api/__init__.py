"""The HTTP doors: they translate, call one service, and translate back."""

from assistant.api.batches import batch_work
from assistant.api.entrance import create_api
from assistant.api.services import Services, VerticalCard
from assistant.api.sizes import Sizes

__all__ = ["Services", "Sizes", "VerticalCard", "batch_work", "create_api"]
