"""Reading the documents a request brought, each kind in its own way, and planning what the model writes from them."""

from assistant.tasks.dialogue import dialogue_statements
from assistant.tasks.facts import fact_statements
from assistant.tasks.forms import DocumentForm, form_of
from assistant.tasks.noting import worth_noting
from assistant.tasks.omissions import omissions
from assistant.tasks.placing import SECTION, Placing, Section, assign, read_placing
from assistant.tasks.plan import Assignment, Plan, plan, section_prompt, template_sections
from assistant.tasks.reviews import THEME, Count, Review, count_reviews, read_reviews, review_evidence

__all__ = [
    "SECTION",
    "THEME",
    "Assignment",
    "Count",
    "DocumentForm",
    "Placing",
    "Plan",
    "Review",
    "Section",
    "assign",
    "count_reviews",
    "dialogue_statements",
    "fact_statements",
    "form_of",
    "omissions",
    "plan",
    "read_placing",
    "read_reviews",
    "review_evidence",
    "section_prompt",
    "template_sections",
    "worth_noting",
]
