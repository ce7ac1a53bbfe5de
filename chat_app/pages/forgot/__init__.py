"""A forgotten password: where a link is to go."""
