"""What is served: made from folders or from what was published, followed, and replaced whole."""
