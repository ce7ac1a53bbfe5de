"""Chats and who sits in them: direct chats, members, how far each has read.

What is said in a chat lives in `messages`. Start with `actions`, then `queries` for what the screens show.
"""
