"""The session behind the window: the open study, and the one worker thread between it and the controls."""
