"""The home area of the site."""
