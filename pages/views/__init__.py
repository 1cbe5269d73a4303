"""The pages' own views: the living page of the design system, preferences, search."""
