"""What several screens share: words in both languages, fields, dialogs, notices, the card of sign-in.

No screen of its own lives here, and nothing here knows one. Start with `words.py`.
"""
