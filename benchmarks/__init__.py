"""Speed and accuracy beside what is known, in one run, printed as ratios."""
