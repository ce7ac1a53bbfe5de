"""How screens learn of what happened: the guarded socket server, the hub, the push, and who may call which handler.

Nothing here decides what the product is; it asks the domain through the doors. Start with `hub.py`.
"""
