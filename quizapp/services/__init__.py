"""Use cases.  They take the session, the actor and the time, and never commit."""
