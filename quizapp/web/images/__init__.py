"""The area of pictures inside questions."""
