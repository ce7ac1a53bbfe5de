"""The main page: my chats, and the one that is open."""
