"""A model is chosen: the terms somebody states, and what the figures say by them."""
