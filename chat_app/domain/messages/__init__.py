"""What is said: sending, history, catching up.

Who may be in a chat is decided in `chats`. Start with `actions`; `queries` has the pages of history.
"""
