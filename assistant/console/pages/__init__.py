"""One module a page; each adds its own route."""

from assistant.console.pages.audit import add_audit_page
from assistant.console.pages.rail import add_rail_page
from assistant.console.pages.topics import add_topics_page
from assistant.console.pages.vertical import add_vertical_page
from assistant.console.pages.verticals import add_verticals_page

ADD_PAGES = (
    add_verticals_page,
    add_vertical_page,
    add_rail_page,
    add_topics_page,
    add_audit_page,
)
"""What registers each page, once per process."""
