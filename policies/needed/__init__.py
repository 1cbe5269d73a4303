"""Finding managed policies by what somebody needs, in plain words: `read bucket logs`."""

from policies.needed.finding import needed

__all__ = ["needed"]
