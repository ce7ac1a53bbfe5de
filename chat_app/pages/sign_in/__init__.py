"""Where visitors come in."""
