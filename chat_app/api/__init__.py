"""What programs and plain forms may ask, over HTTP: one file for each resource.

Nothing is decided here; routes call the domain's doors. `front_door.py` tells which paths come here, `problems.py` how
a refusal looks.
"""
