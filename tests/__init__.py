"""The tests. Those of a module stand at top level; whole stories, in a browser, in `browser/`."""
