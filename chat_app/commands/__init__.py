"""What the command line does besides serving, one module a command. Each says what it did, or raises `Fault`.

What they look at and change lies in `infrastructure` and `domain`; `cli.py` reads what was typed.
"""
