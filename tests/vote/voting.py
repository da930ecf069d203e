"""A project with faces to vote on, and the real `mien vote` at work in it."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from itertools import cycle, islice
from pathlib import Path

import forked
import httpx
import pandas as pd
import yaml

from mien.acquire.drawing.drawn import draw_source
from mien.acquire.scenes import Item, scene_row
from mien.acquire.tables import SCENES
from mien.faces.tables import CROPS, FACES, LANDMARKS
from mien.ids import face_id
from mien.images import crop, decode, encode_jpeg, encode_png
from mien.shards import write_shard
from mien.tables import write_csv
from mien.vote.links import invite

ROOT = Path(__file__).parents[2]
EXPRESSIONS = ["angry", "happy", "neutral", "surprised"]
DRAWN = 8  # scenes of each expression; with more faces than they show, pictures come again


class Booth:
    """A server in a process of its own, which can be killed and started again."""

    def __init__(self, folder: Path, faces: int = 200, **labels: object) -> None:
        self.folder, self._process, self._address = folder, None, ""
        write_project(folder, faces, labels)

    @classmethod
    def copied(cls, template: Path, folder: Path) -> "Booth":
        """Return a booth in a copy of the project that another one made."""
        booth = cls.__new__(cls)
        booth.folder, booth._process, booth._address = folder, None, ""
        shutil.copytree(template, folder)
        return booth

    def start(self, *options: str, fresh: bool = False) -> "Booth":
        """Start the server where it was before, or at any free port; return when it answers.

        It is a fork, or a process that imports all it needs.
        """
        port = self._address.rpartition(":")[2] or "0"
        errors, theirs = os.pipe()
        words = ["vote", "--port", port, *options]
        if fresh:
            self._process = subprocess.Popen(
                [Path(sys.executable).with_name("mien"), *words],
                cwd=self.folder, stderr=theirs, start_new_session=True,
            )  # fmt: skip
        else:
            self._process = forked.Process(["mien", *words], self.folder, err=theirs)
        os.close(theirs)
        self._errors = os.fdopen(errors)
        said = []
        for line in self._errors:
            said.append(line)
            if "http://" in line:
                self._address = "http://" + line.split("http://")[1].split()[0]
                break
        assert "http://" in said[-1], said
        self.said = said
        return self

    def kill(self) -> None:
        """Kill the server as a power cut would."""
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._process and not self._errors.closed:
            rest = [line for line in self._errors if not line.startswith("the links")]
            self.logged = "".join(rest)  # since it answered
            self._errors.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def address(self) -> str:
        return self._address

    def mien(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run a command in the folder, to its end."""
        return forked.run(["mien", *arguments], self.folder, apart=True)

    def token(self, name: str) -> str:
        """Return the voter's token, who is invited when they were not; `nobody` has a wrong one."""
        if name == "nobody":
            return "0" * 32
        links = self.folder / ".mien/vote/links.json"
        known = json.loads(links.read_text()) if links.exists() else {"voters": {}}
        if name == "organiser":
            return known["organiser"]
        if name not in known["voters"]:
            invite(links, name, [])
        return json.loads(links.read_text())["voters"][name]

    def links(self) -> dict[str, str]:
        """Return the tokens of all voters, by name."""
        voters: dict[str, str] = json.loads((self.folder / ".mien/vote/links.json").read_text())[
            "voters"
        ]
        return voters

    def link(self, name: str) -> str:
        return f"{self._address}/#{self.token(name)}"

    def client(self, name: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token(name)}"}
        return httpx.Client(base_url=self._address, headers=headers, timeout=30)

    def ballots(self, voter: str) -> list[dict[str, str]]:
        """Return the rows of the voter's file."""
        path = self.folder / f"data/ballots/{voter}.csv"
        if not path.exists():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def close(self, *rounds: str) -> None:
        """Let these rounds be closed."""
        path = self.folder / "data/rounds.csv"
        for name in rounds:
            if not path.exists() or name not in path.read_text():
                done = self.mien("vote", "close", name)
                assert done.returncode == 0, done.stderr


def write_project(folder: Path, count: int, labels: dict[str, object]) -> None:
    """Write settings, scenes, crops and an index of so many faces, a source an expression."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["labels"]["vote"]["repeat_share"] = 0
    params["labels"] |= labels
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    index = pd.concat([_source(folder, name, count // 4) for name in EXPRESSIONS])
    write_csv(folder / "data/faces.csv", index, FACES)


def _source(folder: Path, expression: str, count: int) -> pd.DataFrame:
    """Write one source's shards; return its rows of the index."""
    name = f"{expression}-1"
    scenes, crops, index = [], [], []
    for position, drawn in enumerate(draw_source(name, DRAWN)):
        item = Item(f"{position}", encode_jpeg(drawn.image, 90), author=drawn.author)
        scene = scene_row(item, name, position, 50)
        scenes.append(scene)
        picture = decode(scene["image"])
        for face in drawn.faces:
            box = (face.x, face.y, face.width, face.height)
            crops.append((scene["scene_id"], box, encode_png(crop(picture, box, 0.2))))
    rows = []
    for number, (scene_id, (x, y, width, height), image) in enumerate(islice(cycle(crops), count)):
        place = {"scene_id": scene_id, "x": x, "y": y, "width": width, "height": height}
        base = {"face_id": face_id(f"{scene_id} {number}", x, y, width, height)} | place
        drawn = {"confidence": 1.0, "image": image, "sharpness": 100.0, "phash": "0" * 16}
        rows.append(base | dict.fromkeys(LANDMARKS) | drawn)
        known = {"source_id": name, "position": number, "group_id": f"g{number}"}
        index.append(base | known | {"expression": expression, "status": "kept"})
    write_shard(folder / f"data/scenes/{name}.parquet", scenes, SCENES)
    write_shard(folder / f"data/faces/{name}.parquet", rows, CROPS)
    return pd.DataFrame(index).assign(duplicate_of=pd.NA)
