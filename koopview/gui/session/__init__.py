"""What the window works on: the study that is open, and the one worker thread between it and the controls."""
