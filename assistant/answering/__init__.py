"""What `chat.py` is made of: the turn, its evidence, the model at work, and each sentence checked before it leaves."""
