"""The pages that say what the code declares: `make reference` writes them into docs/."""

from reference.commands import commands_page
from reference.settings import settings_page
from reference.tables import tables_page


def pages() -> dict[str, str]:
    """Return the generated pages by their names in docs/."""
    return {
        "settings.md": settings_page(),
        "commands.md": commands_page(),
        "tables.md": tables_page(),
    }
