"""The main page: the list of chats, the open chat, and over them the dialog that confirms email and phone."""
