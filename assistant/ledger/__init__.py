"""The audit chain: its records, the anchors outside the database, and the keys that texts are sealed with."""
