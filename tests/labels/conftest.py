from labels.making import cast, make_faces, make_params  # noqa: F401
