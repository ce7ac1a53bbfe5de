"""What people see: one folder per screen, each with its page, its state and its parts.

A state holds what is on screen; a handler reads its arguments, calls a door, sets vars. Start with `main/page.py`.
"""
