"""Template tags of governance."""
