"""People named in a text: a small tagger on the states of the shared encoder, and how it was trained."""
