"""Makes the weights of the grounding guard again: from public pairs to a quantised network and a fused score."""
