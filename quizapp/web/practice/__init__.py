"""The practice area of the site."""
