"""A new project: the code it runs, settings for a person's own pictures, empty tables."""
