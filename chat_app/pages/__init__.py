"""What people see: one folder for each screen, with its page, its state and its components.

A state here is a cache of one tab. Nothing is decided in it: handlers call the domain's doors and keep what comes back.
"""
