from live.making import film, model, once  # noqa: F401
