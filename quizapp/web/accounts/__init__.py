"""The accounts area: registering, signing in, settings."""
