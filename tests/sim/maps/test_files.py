"""Map files: round trip, equal bytes, sentences for what is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cherrypy_bot.sim.maps import MapData, MapError, draw, list_maps, load_map, save_map, shipped_maps
from cherrypy_bot.sim.maps.files import SHIPPED
from tests.sim.maps.test_generator import same


def test_saved_map_reads_back_equal(tmp_path: Path) -> None:
    m = load_map("OrchardLE")
    save_map(m, tmp_path / "copy.npz")
    assert same(load_map(str(tmp_path / "copy.npz")), m)
    assert same(load_map(str(tmp_path / "copy")), m)
    assert list_maps(tmp_path) == [*shipped_maps(), str(tmp_path / "copy.npz")]


def test_saving_twice_gives_equal_bytes(tmp_path: Path) -> None:
    m = load_map("OrchardLE")
    save_map(m, tmp_path / "a.npz")
    save_map(m, tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_shipped_files_are_small() -> None:
    assert all(path.stat().st_size < 40_000 for path in SHIPPED.glob("*.npz"))


def test_loaded_grids_cannot_be_changed_by_accident() -> None:
    with pytest.raises(ValueError, match="read-only"):
        load_map("BlossomLE").pathing[0, 0] = True


def test_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(MapError, match=r"no map called 'Atlantis'.*BlossomLE, CherryGroveLE, OrchardLE"):
        load_map("Atlantis")


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 broken", b"\x93NUMPY\x01\x00broken"], ids=str)
def test_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.npz"
    path.write_bytes(content)
    with pytest.raises(MapError, match=r"bad\.npz: not a readable map file"):
        load_map(str(path))


def test_pickled_objects_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "evil.npz"
    np.savez(path, format=np.array([{"a": 1}], dtype=object))
    with pytest.raises(MapError, match=r"evil\.npz: not a readable map file"):
        load_map(str(path))


def test_damaged_file_gives_a_sentence_or_the_map(tmp_path: Path) -> None:
    good = (SHIPPED / "OrchardLE.npz").read_bytes()
    rng = np.random.default_rng(4)
    path = tmp_path / "damaged.npz"
    refused: list[str] = []
    for _ in range(300):
        content = bytearray(good[: int(rng.integers(1, len(good))) if rng.random() < 0.2 else None])
        for at in rng.integers(0, len(content), size=int(rng.integers(1, 20))):
            content[at] = int(rng.integers(256))
        path.write_bytes(content)
        try:
            load_map(str(path))
        except MapError as error:
            refused.append(str(error))
    assert len(refused) > 200
    assert all("damaged.npz" in text for text in refused)


def test_file_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, format=np.array(1), pathing=np.zeros(50_000_000, dtype=np.uint8))
    assert path.stat().st_size < 100_000
    with pytest.raises(MapError, match="too large for a map"):
        load_map(str(path))


def test_missing_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "part.npz"
    np.savez(path, format=np.array(1), name=np.array("x"))
    with pytest.raises(MapError, match="size"):
        load_map(str(path))


def test_other_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "new.npz"
    np.savez(path, format=np.array(99))
    with pytest.raises(MapError, match="not a map of format 1"):
        load_map(str(path))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start_locations": ((10.5, 10.5),)}, "1 start locations"),
        ({"start_locations": ((10.5, 10.5), (900.5, 10.5))}, r"start location at \(900.5, 10.5\) is off the map"),
        ({"playable": (0, 0, 999, 10)}, "playable area"),
        ({"width": 9999}, "outside 8..256"),
        ({"pathing": np.zeros((3, 3), dtype=np.bool_)}, "pathing is bool"),
    ],
)
def test_map_that_does_not_fit_together_is_not_saved(tmp_path: Path, change: dict[str, object], message: str) -> None:
    m = MapData(**{**vars(load_map("OrchardLE")), **change})
    with pytest.raises(MapError, match=message):
        save_map(m, tmp_path / "x.npz")
    assert not (tmp_path / "x.npz").exists()


def test_picture_shows_starts_and_resources() -> None:
    m = load_map("CherryGroveLE")
    picture = draw(m, scale=2)
    assert picture.size == (2 * m.width, 2 * m.height)

    def colour(x: float, y: float) -> tuple[int, ...]:
        pixel = picture.getpixel((int(x * 2), int((m.height - y) * 2)))
        assert isinstance(pixel, tuple)
        return pixel

    assert colour(*m.start_locations[0]) == (220, 60, 50)
    assert colour(*m.start_locations[1]) == (60, 90, 230)
    field = next(n for n in m.neutrals if n.contents == 1800)
    assert colour(field.x, field.y) == (90, 170, 255)
    assert len({picture.getpixel((x, 100)) for x in range(picture.width)}) > 3
