"""The results area of the site."""
