"""The report page: what it reads, what it shows, and how it says it."""
