"""Features are computed where a probe asks for them, and again only where faces or extractor change."""

import shutil

import pytest
import yaml

REPORT = {"compare": 1, "suspects": 1, "plots": 1, "slices": 1, "card": 4, "page": 1}
PROBED = {"train_probe": 1, "predict": 1, "measure": 1, "variant_page": 1}
NETWORK = {
    **{"kind": "network", "weights": "net.onnx", "output": "features", "image_size_px": 64},
    **{"layout": "nchw", "colour": "rgb", "mean": [127.5], "std": [127.5], "aligned": False},
    "licence": "MIT",
}


def change(toy, edit):
    path = toy.folder / "params.yaml"
    settings = yaml.safe_load(path.read_text())
    edit(settings)
    path.write_text(yaml.safe_dump(settings, sort_keys=False))


def add_probe(settings):
    settings["acquire"]["weights"]["net.onnx"] = {"path": "/nowhere/n.onnx", "sha256": "1" * 64}
    settings["features"]["net"] = NETWORK
    shared = {"labels": "consensus", "classes": None, "scheme": "grouped", "seeds": [0]}
    shared |= {"family": "probe", "cross_validate": False, "settings": {}}
    settings["variants"]["quick"] = {**shared, "features": ["net"]}


@pytest.fixture(scope="module")
def built(pulled, tmp_path_factory):
    """The toy project with a probe; not to be changed."""
    toy = pulled.at(tmp_path_factory.mktemp("probed") / "clone")
    shutil.copytree(pulled.folder, toy.folder, symlinks=True)
    change(toy, add_probe)
    ran = toy.planned()
    assert ran == {"weights": 1, "features": 2, **PROBED, **REPORT}
    toy.snakemake()
    return toy


@pytest.fixture
def probed(built, tmp_path):
    shutil.copytree(built.folder, tmp_path / "clone", symlinks=True)
    return built.at(tmp_path / "clone")


def test_features_lie_by_extractor_and_source_and_nothing_is_left_to_do(built):
    found = sorted(path.name for path in (built.folder / "data/features/net").iterdir())
    assert found == ["cross.parquet", "glad.parquet"]
    assert built.planned() == {}


def test_neither_a_probes_settings_nor_votes_compute_features_again(probed):
    change(probed, lambda s: s["variants"]["quick"].update(settings={"components": 20}))
    assert probed.planned() == {**PROBED, **REPORT}
    (probed.folder / "data/ballots/bea.csv").write_text("face_id,vote\n1,angry\n")
    jobs = probed.planned()
    assert jobs["train_probe"] == 1
    assert "features" not in jobs


def test_another_source_has_its_own_features_computed_alone(probed):
    with (probed.folder / "data/sources.csv").open("a") as sources:
        sources.write("both,drawn,mixed-1,4,,\n")
    jobs = probed.planned()
    assert (jobs["detect"], jobs["features"]) == (1, 1)


def test_another_file_or_setting_of_an_extractor_computes_its_features_again(probed):
    change(probed, lambda s: s["features"]["net"].update(mean=[100.0]))
    assert probed.planned() == {"features": 2, **PROBED, **REPORT}
    change(probed, lambda s: s["features"]["net"].update(mean=[127.5]))
    assert probed.planned() == {}
    entry = {"path": "/nowhere/n.onnx", "sha256": "2" * 64}
    change(probed, lambda s: s["acquire"]["weights"].update({"net.onnx": entry}))
    jobs = probed.planned()
    assert jobs.pop("weights") == 1
    assert jobs["features"] == 2
    assert jobs["train_probe"] == 1
    assert "train_yolo" not in jobs


def test_an_extractor_that_no_variant_asks_for_is_not_computed(probed):
    change(probed, lambda s: s["features"].update({"more": {**NETWORK, "output": "label"}}))
    assert probed.planned() == {}
    change(probed, lambda s: s["variants"].pop("quick"))
    assert "features" not in probed.planned()


def test_a_pulled_clone_has_nothing_to_do(probed, tmp_path):
    probed.commit("a probe")
    shelf = tmp_path / "another"
    probed.run("dvc", "remote", "add", "--force", "--default", "--quiet", "shelf", str(shelf))
    probed.commit("its remote")
    probed.run("dvc", "push", "--quiet")
    other = probed.at(tmp_path / "elsewhere")
    probed.run("git", "clone", "--quiet", str(probed.folder), str(other.folder))
    other.run("dvc", "pull", "--quiet")
    assert (other.folder / "data/features/net/glad.parquet").is_file()
    assert other.planned() == {}
