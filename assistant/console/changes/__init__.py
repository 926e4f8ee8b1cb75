"""The pieces of the pages about a change, which its author and whoever approves it both look at."""
