"""Measurements: `python -m bench [part ...]`. Machines differ, so ratios and query counts are what to quote."""
