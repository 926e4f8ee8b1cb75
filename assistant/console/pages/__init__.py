"""One module a page; each adds its own route."""

from assistant.console.pages.answer import add_answer_page
from assistant.console.pages.approve import add_approve_page
from assistant.console.pages.audit import add_audit_page
from assistant.console.pages.change import add_change_page
from assistant.console.pages.changes import add_changes_page
from assistant.console.pages.choice import add_choice_page
from assistant.console.pages.models import add_models_page
from assistant.console.pages.new_rail import add_new_rail_page
from assistant.console.pages.rail import add_rail_page
from assistant.console.pages.review import add_review_page
from assistant.console.pages.side_by_side import add_side_by_side_page
from assistant.console.pages.topics import add_topics_page
from assistant.console.pages.vertical import add_vertical_page
from assistant.console.pages.verticals import add_verticals_page
from assistant.console.pages.work import add_work_pages

ADD_PAGES = (
    add_verticals_page,
    add_vertical_page,
    add_rail_page,
    add_new_rail_page,
    add_topics_page,
    add_models_page,
    add_side_by_side_page,
    add_choice_page,
    add_review_page,
    add_work_pages,
    add_answer_page,
    add_changes_page,
    add_change_page,
    add_approve_page,
    add_audit_page,
)
"""What registers each page, once per process."""
