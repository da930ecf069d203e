from running import ROOT

from reference import pages

for name, text in pages().items():
    (ROOT / "docs" / name).write_text(text, encoding="utf-8")
