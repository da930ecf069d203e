from report.making import project  # noqa: F401
