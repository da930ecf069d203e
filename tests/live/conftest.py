from live.making import film, model  # noqa: F401
