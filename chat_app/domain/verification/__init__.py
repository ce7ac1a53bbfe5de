"""Codes that prove an email address or a phone number is somebody's.

What a confirmed address means for a person is decided in `users`; how a code travels, in `infrastructure/mail.py` and
`sms.py`. Start with `rules.py`.
"""
