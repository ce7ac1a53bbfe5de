"""Measurements of the whole server from outside, and the faults it must survive. See README.md.

`live.py` measures, `timing.py` listens for what times betray, `kill.py` kills, `proof.py` runs all at full size;
`seeding.py` fills a database, `server.py` starts the server, `tab.py` speaks as a browser's tab does, `load.py` is a
process full of tabs, `sign_ins.py` one of people who sign in.
"""
