"""People: sign-up, sign-in, sessions, what is known of them.

Codes for an email or a phone live next door in `verification`; who talks to whom lives in `chats`.
Start with `actions`, then `queries` for what is known of whom.
"""
