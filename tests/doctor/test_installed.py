"""The packages that matter are there in the versions that mien allows, and none is imported."""

import sys
from importlib import metadata

import pytest

from mien.doctor import installed
from mien.doctor.finding import Finding


@pytest.fixture
def requires(monkeypatch):
    def ask(*requirements: str) -> None:
        monkeypatch.setattr(installed.metadata, "requires", lambda _: list(requirements))

    return ask


def test_a_pinned_package_is_named_with_its_version(requires):
    version = metadata.version("snakemake")
    requires("numpy", f'snakemake=={version}; extra == "pipeline"', 'absent; extra == "dev"')
    assert installed.packages() == Finding("ok", f"all there, snakemake {version}")


def test_another_version_than_the_pinned_one_is_wrong(requires):
    requires('snakemake==1.0; extra == "pipeline"', 'dvc-absent; extra == "pipeline"')
    version = metadata.version("snakemake")
    text = f"snakemake is {version}, and mien needs ==1.0; dvc-absent is not installed"
    command = "pip install -c constraints.txt -e '.[pipeline]'"
    assert installed.packages() == Finding("wrong", text, command)


def test_mien_itself_pins_snakemake():
    asked = [line for line in metadata.requires("mien") or () if line.startswith("snakemake")]
    assert asked == [f'snakemake=={metadata.version("snakemake")}; extra == "pipeline"']


def test_a_python_that_mien_does_not_support_is_wrong(monkeypatch):
    assert installed.python().level == "ok"
    monkeypatch.setattr(installed.platform, "python_version", lambda: "3.10.4")
    finding = installed.python()
    assert finding.level == "wrong"
    assert finding.text.startswith("3.10.4; mien needs ")


@pytest.mark.parametrize(("line", "cuda"), [("'13.2'", "13.2"), ("None", None)])
def test_the_cuda_of_torch_is_told_without_importing_it(tmp_path, monkeypatch, line, cuda):
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise AssertionError('torch is imported')\n")
    version = f"from typing import Optional\ncuda: Optional[str] = {line}\n"
    (tmp_path / "torch" / "version.py").write_text(version)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    assert installed.torch_cuda() == cuda


def test_where_torch_is_not_installed_its_name_is_raised(monkeypatch):
    monkeypatch.setattr(installed, "find_spec", lambda _: None)
    with pytest.raises(ModuleNotFoundError) as error:
        installed.torch_cuda()
    assert error.value.name == "torch"
