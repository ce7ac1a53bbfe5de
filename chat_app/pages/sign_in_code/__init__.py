"""The second half of signing in: the code of an authenticator app."""
