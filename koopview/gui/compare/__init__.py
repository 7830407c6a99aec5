"""The window that sets two fits side by side."""
