"""The words every room uses: ids, values, errors, events, ports, work.

No rule of a single subject lives here. Rooms above may not know rooms below; this one knows none.
"""
