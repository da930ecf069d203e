import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent


def test_every_file_with_a_test_is_collected(request):
    collected = {item.path for item in request.session.items}
    if collected == {Path(__file__)}:
        pytest.skip("only a run of all tests can say what it leaves out")
    written = {
        path for path in TESTS.rglob("*.py") if re.search(r"^def test_", path.read_text(), re.M)
    }
    assert written - collected == set()
