from labels.making import cast, make_faces, make_params  # noqa: F401
from report.making import project  # noqa: F401
