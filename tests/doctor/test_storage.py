"""DVC's settings are read as DVC itself reads them, and what dvc.lock names is looked for."""

import pytest

from mien.doctor import storage
from mien.doctor.finding import Finding
from mien.errors import ParamsError


def test_the_settings_are_those_that_dvc_lists(project, dvc):
    dvc("init", "--no-scm", "--quiet")
    (project / ".dvc" / "config").write_text(
        '[core]\n    no_scm = True\n    remote = my shelf\n[cache]\n    type = "reflink,copy"\n'
        '[\'remote "my shelf"\']\n    url = "s3://bucket/a, b#c"\n'
    )
    (project / ".dvc" / "config.local").write_text(
        "# of this machine\n[cache]\n    type = copy # since the disk is slow\n"
        "['remote \"my shelf\"']\n    endpointurl = https://minio:9000/100%x\n"
    )
    read = {
        f"{section}.{option}={value}".replace(' "', ".").replace('".', ".")
        for section, options in storage.read_config().items()
        for option, value in options.items()
    }
    told = dvc("config", "--list").split("\n")
    assert read == {line for line in told if line and line != "cache.type=reflink,copy"}


def test_settings_that_cannot_be_read_are_named_but_not_shown(configure):
    configure("[core]\n    password\n")
    with pytest.raises(ParamsError) as error:
        storage.read_config()
    assert str(error.value) == ".dvc/config: not a file of settings as DVC writes them"


def test_a_repository_of_dvc_needs_git_or_to_do_without(project, configure):
    assert storage.repository().command == "dvc init"
    configure("[core]\n    analytics = false\n")
    assert storage.repository().command == "git init"
    configure("[core]\n    no_scm = true\n")
    assert storage.repository().level == "ok"
    configure("")
    (project.parent / ".git").mkdir()
    assert storage.repository().level == "ok"


def test_links_that_make_snakemake_rerun_are_wrong_wherever_they_are_set(configure):
    configure("[cache]\n    type = hardlink,copy\n")
    assert storage.cache_type() == Finding("ok", "hardlink,copy")
    configure("[cache]\n    type = reflink,symlink\n")
    command = "dvc config cache.type hardlink,copy && dvc checkout --relink"
    assert (storage.cache_type().level, storage.cache_type().command) == ("wrong", command)
    configure("[cache]\n    type = symlink\n", "config.local")
    assert storage.cache_type().command.startswith("dvc config --local cache.type")


@pytest.mark.usefixtures("project")
def test_the_types_of_links_are_dvc_own_unless_set():
    assert storage.cache_type() == Finding("ok", "reflink or copy, DVC's own")


LOCK = """\
schema: '2.0'
stages:
  acquire:
    cmd: snakemake acquired
    outs:
    - {path: data/scenes, hash: md5, md5: 6f.dir, size: 9, nfiles: 2}
    - {path: data/weights, hash: md5, md5: d7.dir, size: 0, nfiles: 0}
  experiment:
    cmd: snakemake
    outs:
    - {path: metrics/report.html, hash: md5, md5: 1a, size: 3}
"""


@pytest.mark.usefixtures("project")
def test_without_dvc_lock_nothing_is_to_be_pulled():
    assert storage.pulled().level == "ok"


def test_what_dvc_lock_names_and_is_not_here_is_to_be_pulled(project, configure):
    (project / "dvc.lock").write_text(LOCK)
    configure("[core]\n    remote = shelf\n")
    (project / "data" / "scenes").mkdir()  # an empty folder is none of two files
    (project / "data" / "weights").mkdir()
    text = "dvc.lock names what is not here: data/scenes, metrics/report.html"
    assert storage.pulled() == Finding("wrong", text, "dvc pull")
    (project / "data" / "scenes" / "a.parquet").touch()
    (project / "metrics").mkdir()
    (project / "metrics" / "report.html").touch()
    assert storage.pulled() == Finding("ok", "what dvc.lock names is here")


def test_what_git_keeps_is_not_to_be_pulled(project):
    (project / "dvc.lock").write_text(LOCK)
    stage = "outs: [models], metrics: [{metrics/report.html: {cache: false}}]"
    (project / "dvc.yaml").write_text("stages: {experiment: {cmd: snakemake, " + stage + "}}")
    text = "dvc.lock names what is not here: data/scenes, data/weights; without a remote, build"
    assert storage.pulled().text.startswith(text)


def test_without_a_remote_what_is_not_here_is_built_anew(project):
    (project / "dvc.lock").write_text(LOCK)
    finding = storage.pulled()
    assert finding.text.endswith("metrics/report.html; without a remote, build it anew")
    assert finding.command == "rm dvc.lock"


def test_a_dvc_lock_with_a_conflict_is_named(project):
    (project / "dvc.lock").write_text("<<<<<<< HEAD\nstages: {}\n=======\n")
    with pytest.raises(ParamsError, match=r"^dvc\.lock, line \d: not valid YAML"):
        storage.pulled()
