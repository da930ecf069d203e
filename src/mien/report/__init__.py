"""The report: predictions, metrics with intervals, and the page that shows them."""
