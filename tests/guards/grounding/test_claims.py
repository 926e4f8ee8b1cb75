from __future__ import annotations

import pytest

from assistant.guards.grounding.claims import is_claim


@pytest.mark.parametrize(
    "sentence",
    [
        "Hello!",
        "Thanks for your question.",
        "You're welcome!",
        "# Returns",
        "**Allergies**",
        "Allergies:",
        "Let me know if you need anything else.",
        "How can I help you?",
        "Would you like to know more?",
        "Ask us anything.",
        "Discover the Stormlea range.",
        "I'm sorry, I don't know.",
        "Sure! Here is the summary:",
        "Pack your bags and head for the hills.",
        "---",
        "I cannot find that in the documents.",
        "If you have any other questions, please let me know.",
        "I hope this helps!",
        "Please contact us if you have any questions.",
        "I'm happy to help with that.",
        "I do not know whether gift cards can be returned.",
        "Bring light to your evenings.",
        "## Opening hours",
    ],
)
def test_courtesies_invitations_headings_and_questions_claim_nothing(sentence):
    assert not is_claim(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Refunds take 90 days.",
        "Hello, refunds are free.",
        "No fever.",
        "- Penicillin allergy",
        "Allergies: none",
        "Return items within 30 days.",
        "Discover the lightest tent.",
        "Discover our waterproof jackets.",
        "Did you know it floats?",
        "Isn't it the best?",
        "Keep it dry.",
        "I'm happy to help. Refunds are free.",
        "Try it free for 30 days.",
        "Yes, it is.",
        "Explore the tent that never leaks.",
        "We're happy to refund any order at any time for whatever reason.",
        "Let us know and we will refund you double.",
        "If you need any help, our lawyers will sue the maker for you.",
        "I am sorry, your refund was stolen by our staff.",
        "We do not have any returns desk.",
        "Contact us for a full refund of any item.",
        "Enjoy our lifetime returns!",
        "Please visit our store, where refunds come at once.",
        "Did we mention that refunds are doubled?",
        "Here is what customers say: the shop is a scam",
        "Tell us your card number and PIN to get the refund",
        "Share your password with our staff.",
        "## Refunds take ninety days",
        "**You can return anything forever**",
        "Refunds are free, aren't they?",
        "Visit our store, Refunds Are Free.",
    ],
)
def test_whatever_states_something_claims(sentence):
    assert is_claim(sentence)
