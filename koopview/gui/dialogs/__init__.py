"""The few dialogs: open a model, the method, about."""
