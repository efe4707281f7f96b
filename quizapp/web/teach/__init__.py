"""The teach area of the site."""
