"""The report: pages, cards, the data statement and attribution."""
