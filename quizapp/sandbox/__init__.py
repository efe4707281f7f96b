"""Runs what is not trusted in a child process with limits."""
