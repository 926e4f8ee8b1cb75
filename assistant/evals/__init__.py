"""Which model? Cases answered by every contender, measured, compared and chosen from, for anyone to do again."""
