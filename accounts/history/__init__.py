"""The history of a user, group or role: what changed it, in words, and how what one change found is brought back."""
