"""Chat: a messenger and an anonymous random chat in one app. `chat_app.py` is the composition root."""
