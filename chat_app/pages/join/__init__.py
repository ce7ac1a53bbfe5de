"""Where a link into a group leads: what group it is, and the way in."""
