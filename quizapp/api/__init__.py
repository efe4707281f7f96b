"""The JSON API: thin, over the same services and the same rights as the pages."""
