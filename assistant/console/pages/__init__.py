"""One module a page; each adds its own route."""

from assistant.console.pages.verticals import add_verticals_page

ADD_PAGES = (add_verticals_page,)
"""What registers each page, once per process."""
