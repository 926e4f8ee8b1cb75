"""The commands, one module a subject; `assistant.cli` joins them."""
