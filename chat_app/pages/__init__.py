"""Screens, one folder each: `page.py` is what it looks like, `state.py` what is on it, `components.py` its larger pieces.

No rule of the product is decided here; a handler calls a door and shows what came back.
"""
