"""The files of `deploy/`, as they are shipped: a real nginx before a real server, and people who come by https."""
