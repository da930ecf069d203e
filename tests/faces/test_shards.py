from mien.acquire.tables import SCENES
from mien.faces.boxes import Detection
from mien.faces.crop import crop_faces
from mien.faces.shards import read_shards
from mien.faces.tables import CROPS
from mien.ids import scene_id
from mien.images import encode_png
from mien.shards import write_shard


def test_a_scene_that_a_film_shows_twice_counts_as_its_first(tmp_path, scene, params):
    image = encode_png(scene)
    rows = [
        dict.fromkeys(SCENES.names, "unknown")
        | {"scene_id": scene_id(image), "image": image, "width": 200, "height": 120}
        | {"source_id": "film", "position": position, "time_s": float(position)}
        for position in (3, 4)
    ]
    face = crop_faces(scene, scene_id(image), [Detection(50, 30, 40, 40, 1.0)], params)
    write_shard(tmp_path / "scenes" / "film.parquet", rows, SCENES)
    write_shard(tmp_path / "faces" / "film.parquet", face * 2, CROPS)
    crops, scenes = read_shards(tmp_path / "scenes", tmp_path / "faces", ["film"])
    assert scenes["position"].tolist() == [3]
    assert crops["face_id"].tolist() == [face[0]["face_id"]] * 2
    assert crops["source_id"].tolist() == ["film", "film"]
