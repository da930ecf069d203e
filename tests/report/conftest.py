from report.documents import documented  # noqa: F401
from report.making import project  # noqa: F401
