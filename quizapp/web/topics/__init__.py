"""The topics area of the site."""
