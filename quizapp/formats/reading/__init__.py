"""What readers of several formats share: encodings, archives, places.  None of it is a format."""
