"""What the product is: plain Python and SQLModel.

No sockets, HTTP, clock or chance of its own; see `common/work.py` for what it is given.
"""
