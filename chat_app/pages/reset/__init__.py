"""A new password, by the link of a mail."""
