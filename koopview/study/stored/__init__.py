"""Views of a fit in a study file, so that a built-in study is whole before the engine starts; no torch here."""
