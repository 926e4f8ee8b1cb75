"""One module a page; each adds its own route."""

from assistant.console.pages.approve import add_approve_page
from assistant.console.pages.change import add_change_page
from assistant.console.pages.changes import add_changes_page
from assistant.console.pages.verticals import add_verticals_page

ADD_PAGES = (add_verticals_page, add_changes_page, add_change_page, add_approve_page)
"""What registers each page, once per process."""
