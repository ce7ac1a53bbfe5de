"""What belongs to me: profile, security, notices, looks, privacy, leaving."""
