"""The missed area of the site."""
