"""Which characters may be kept."""

import re

UNSTORABLE = re.compile("[\\x00\\ud800-\\udfff]")
"""NUL and half characters, which JSON and YAML can write: no database keeps them, no page can show them."""
