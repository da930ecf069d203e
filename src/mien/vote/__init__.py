"""The page that people vote on, and the server behind it."""
