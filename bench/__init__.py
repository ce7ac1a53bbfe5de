"""Measurements of the whole server from outside, and the faults it must survive. See README.md.

`live.py` measures, `kill.py` kills, `proof.py` runs both at full size; `seeding.py` fills a database, `server.py`
starts the server, `tab.py` speaks as a browser's tab does, `load.py` is a process full of tabs.
"""
