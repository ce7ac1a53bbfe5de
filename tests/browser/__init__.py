"""Whole stories: a real server, a real browser. `conftest.py` has the fixtures."""
