"""A sample organisation, made through the real operations, for whoever wants to look around before bringing real data."""
