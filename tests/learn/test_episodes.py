"""Shards of episodes: what was written is read again, and what a crash or a bad disk did costs only itself."""

from __future__ import annotations

import multiprocessing
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cherrypy_bot.learn.episodes import (
    LARGEST_FRAME,
    MAGIC,
    Damage,
    EpisodeError,
    ShardWriter,
    decode,
    encode,
    read_episodes,
    read_shard,
)
from tests.learn.samples import episode, same

WRITTEN = [episode(number) for number in range(3)]


@pytest.fixture(scope="module")
def shard(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a shard with WRITTEN."""
    with ShardWriter(tmp_path_factory.mktemp("shard"), "s") as writer:
        for one in WRITTEN:
            writer.append(one)
    return writer.path.read_bytes()


def read(path: Path, content: bytes) -> tuple[list[str], Damage]:
    path.write_bytes(content)
    damage = Damage()
    return [one.key for one in read_shard(path, damage)], damage


def ends(shard: bytes) -> list[int]:
    """Where each frame of WRITTEN ends."""
    found, position = [], len(MAGIC)
    for one in WRITTEN:
        position += 12 + len(encode(one))
        found.append(position)
    assert found[-1] == len(shard)
    return found


def test_an_episode_comes_back_to_the_bit(tmp_path: Path) -> None:
    written = [episode(1), episode(2, steps=0), episode(3, values=np.zeros((5, 0), np.float32)), episode(4, side=1)]
    with ShardWriter(tmp_path, "s") as writer:
        for one in written:
            writer.append(one)
    damage = Damage()
    found = list(read_episodes(tmp_path, damage))
    assert all(same(a, b) for a, b in zip(written, found, strict=True))
    assert damage == Damage()


def test_a_shard_cut_at_any_byte_gives_every_episode_before_the_cut(shard: bytes, tmp_path: Path) -> None:
    whole = ends(shard)
    keys = [one.key for one in WRITTEN]
    cuts = sorted({*range(len(MAGIC) + 40), *(end + d for end in whole for d in range(-30, 31)), *range(0, 9999, 97)})
    for cut in (cut for cut in cuts if cut <= len(shard)):
        found, damage = read(tmp_path / "cut.episodes", shard[:cut])
        assert found == keys[: sum(end <= cut for end in whole)], f"cut at {cut}"
        assert damage.unfinished == (cut > len(MAGIC) and cut not in whole), f"cut at {cut}"


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_flipped_bit_costs_its_own_episode_only(
    shard: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    byte = data.draw(st.integers(len(MAGIC), len(shard) - 1))
    bit = data.draw(st.integers(0, 7))
    content = bytearray(shard)
    content[byte] ^= 1 << bit
    found, damage = read(tmp_path_factory.mktemp("flip") / "flip.episodes", bytes(content))
    hit = sum(end <= byte for end in ends(shard))
    assert found == [one.key for index, one in enumerate(WRITTEN) if index != hit]
    assert damage.frames + damage.unfinished == 1
    assert len(damage.lines) == 1


@settings(max_examples=60, deadline=None)
@given(noise=st.binary(max_size=200), cut=st.integers(0, 400))
def test_writing_goes_on_behind_what_a_killed_process_left(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("torn")
    with ShardWriter(folder, "s") as writer:
        writer.append(WRITTEN[0])
    first = writer.path.read_bytes()
    writer.path.write_bytes(first + first[len(MAGIC) : len(MAGIC) + cut] + noise)
    with ShardWriter(folder, "s") as writer:
        writer.append(WRITTEN[1])
        writer.append(WRITTEN[2])
    assert [one.key for one in read_episodes(folder)] == [one.key for one in WRITTEN]


@pytest.mark.parametrize("cut", range(len(MAGIC)))
def test_a_shard_whose_writer_died_at_birth_is_empty_and_can_be_written(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "s.episodes"
    path.write_bytes(MAGIC[:cut])
    assert list(read_shard(path)) == []
    with ShardWriter(tmp_path, "s") as writer:
        writer.append(WRITTEN[0])
    assert len(list(read_shard(path))) == 1


def test_every_side_of_a_game_is_read_once_whatever_shards_it_is_in(tmp_path: Path) -> None:
    for name, numbers in (("a", (0, 1)), ("b", (1, 2))):
        with ShardWriter(tmp_path, name) as writer:
            for number in numbers:
                for side in (0, 1):
                    writer.append(episode(number, side=side))
    damage = Damage()
    assert [one.key for one in read_episodes(tmp_path, damage)] == [f"game{n}/{s}" for n in range(3) for s in (0, 1)]
    assert damage.repeated == 2


def _fill(folder: Path, name: str) -> None:
    with ShardWriter(folder, name) as writer:
        for number in range(5):
            writer.append(episode(number, game_id=f"{name}-{number}"))


def test_many_processes_write_one_shard_each(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_fill, args=(tmp_path, f"worker{n}")) for n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(list(read_episodes(tmp_path))) == 10


def test_a_shard_has_one_writer(tmp_path: Path) -> None:
    with ShardWriter(tmp_path, "s"), pytest.raises(EpisodeError, match=r"s\.episodes: another process writes it"):
        ShardWriter(tmp_path, "s")


def test_what_is_no_shard_is_named(tmp_path: Path) -> None:
    path = tmp_path / "photo.episodes"
    path.write_bytes(b"\x89PNG and so on")
    with pytest.raises(EpisodeError, match=r"photo\.episodes: is no shard"):
        list(read_shard(path))
    with pytest.raises(EpisodeError, match="move it away"):
        ShardWriter(tmp_path, "photo")
    assert path.read_bytes() == b"\x89PNG and so on"
    with pytest.raises(EpisodeError, match="collect some first"):
        list(read_episodes(tmp_path / "empty"))


def test_an_episode_that_unpacks_to_too_much_is_refused() -> None:
    with pytest.raises(EpisodeError, match="too large"):
        decode(zlib.compress(bytes(LARGEST_FRAME + 1)))


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_hostile_content_is_refused_with_a_sentence(data: st.DataObject) -> None:
    """The frame may be whole, with a fitting checksum, and still hold nonsense."""
    plain = bytearray(zlib.decompress(encode(WRITTEN[0])))
    for _ in range(data.draw(st.integers(1, 4))):
        plain[data.draw(st.integers(0, min(len(plain) - 1, 700)))] = data.draw(st.integers(0, 255))
    with suppress(EpisodeError):  # anything else fails the test
        decode(zlib.compress(bytes(plain)))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"times": np.zeros(5, np.int32)}, "times do not increase"),
        ({"build": np.full(5, 2, np.int16)}, "builds that are not listed"),
        ({"switch": np.full(5, -2, np.int16)}, "builds that are not listed"),
        ({"inputs": np.zeros((4, 7), np.float32)}, "'inputs' has shape"),
        ({"inputs": np.zeros((5, 7))}, "'inputs' holds float64"),
        ({"truth": np.zeros((5, 3), np.uint16)}, "'truth' has shape"),
        ({"values": np.zeros((5, 3), np.float32)}, "'values' has 3 columns"),
        ({"result": 0.7}, "result 0.7"),
    ],
)
def test_an_episode_that_contradicts_itself_cannot_be_made(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(EpisodeError, match=says):
        episode(1, **wrong)


def test_an_episode_that_counts_other_unit_types_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = encode(WRITTEN[0])
    monkeypatch.setattr("cherrypy_bot.learn.episodes._TYPES", 1)
    with pytest.raises(EpisodeError, match="other unit types"):
        decode(content)
