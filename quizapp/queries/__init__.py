"""Named reads.  Each that reaches a private row takes the actor."""
