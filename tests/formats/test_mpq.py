"""Archives: what is read, what is refused, and that no size is believed."""

from __future__ import annotations

import bz2
import io
import random
import struct

import mpyq
import pytest

from benchmarks.map_archives import write_archive
from cherrypy_bot.formats.mpq import BLOCK_TABLE_KEY, HASH_TABLE_KEY, MpqArchive, encrypted, name_hash
from cherrypy_bot.formats.mpq_writer import write_archive as write_replay_archive
from cherrypy_bot.sim.maps import MapError
from cherrypy_bot.sim.maps.mpq import Archive, is_archive
from tests.reference import REFERENCE, needs_reference

LIMIT = 1 << 20
NOISE = random.Random(5).randbytes(40_000)
MEMBERS = {
    "Empty": b"",
    "Short": b"minerals",
    "Folder\\Sub.xml": b"<a/>" * 9000,  # three sectors
    "Noise": NOISE,  # sectors that do not shrink are stored as they are
}


def one_member(stored: bytes, size: int, flags: int, name: str = "Member") -> bytes:
    """An archive of one member with whatever its block says."""
    blocks = [32, len(stored), size, flags]
    hashes = [name_hash(name, 1), name_hash(name, 2), 0, 0] + [0xFFFFFFFF] * 12
    hash_at = 32 + len(stored)
    head = struct.pack("<4s2I2H4I", b"MPQ\x1a", 32, 0, 0, 5, hash_at, hash_at + 64, 4, 1)
    return head + stored + encrypted(hashes, HASH_TABLE_KEY) + encrypted(blocks, BLOCK_TABLE_KEY)


def test_members_come_out_as_they_went_in() -> None:
    archive = Archive(write_archive(MEMBERS), "test")
    assert {name: archive.read(name, LIMIT) for name in MEMBERS} == MEMBERS
    assert archive.read("folder/SUB.xml", LIMIT) == MEMBERS["Folder\\Sub.xml"], "names ignore case and slashes"
    assert archive.read("Nothing", LIMIT) is None


def test_another_reader_agrees_on_our_test_archives() -> None:
    other = mpyq.MPQArchive(io.BytesIO(write_archive(MEMBERS)), listfile=False)
    assert other.read_file("Folder\\Sub.xml") == MEMBERS["Folder\\Sub.xml"]
    assert other.read_file("Short") == b"minerals"


def test_single_units_bzip2_and_a_block_in_front_are_read() -> None:
    archive = Archive(write_replay_archive(b"in front", MEMBERS), "test")
    assert {name: archive.read(name, LIMIT) for name in MEMBERS} == MEMBERS


def test_runs_of_zeros_are_read() -> None:
    packed = b"\x20" + struct.pack(">I", 45) + b"\x82abc" + b"\x25" + b"\x81xy"  # abc, forty zeros, xy
    assert Archive(one_member(packed, 45, 0x81000200), "test").read("Member", LIMIT) == b"abc" + bytes(40) + b"xy"


def test_members_without_packing_are_read() -> None:
    assert Archive(one_member(b"plain", 5, 0x80000000), "test").read("Member", LIMIT) == b"plain"


def test_deleted_members_are_not_there() -> None:
    assert Archive(one_member(b"plain", 5, 0), "test").read("Member", LIMIT) is None


@pytest.mark.parametrize(
    ("stored", "size", "flags", "message"),
    [
        (b"x", 0xFFFFFFF0, 0x81000200, "unpacks to 4,294,967,280 bytes"),
        (b"x" * 8, 8, 0x81010200, "encrypted"),
        (b"x" * 8, 9, 0x81000100, "imploded"),
        (b"\x08xxx", 90, 0x81000200, r"codec that is not read here \(0x08\)"),
        (b"\x02not zlib", 900, 0x81000200, "damaged data"),
        (b"\x10not bzip2", 900, 0x81000200, "damaged data"),
        (b"\x10" + bz2.compress(b"abc"), 900, 0x81000200, "gives 3 bytes of Member instead of 900"),
        (b"abc", 900, 0x80000200, "ends inside the sectors"),
        (struct.pack("<2I", 8, 7) + b"abc", 900, 0x80000200, "wrong sector offsets"),
    ],
)
def test_what_cannot_be_read_is_named(stored: bytes, size: int, flags: int, message: str) -> None:
    archive = Archive(one_member(stored, size, flags), "Bad.SC2Map")
    with pytest.raises(MapError, match=rf"^Bad\.SC2Map: .*{message}"):
        archive.read("Member", LIMIT)


def test_bombs_stop_at_their_declared_size() -> None:
    """Ten million zeros behind a claim of a hundred bytes: nothing but the hundred is unpacked, and it is refused."""
    bomb = b"\x10" + bz2.compress(bytes(10_000_000))
    with pytest.raises(MapError, match="gives 101 bytes of Member instead of 100"):
        Archive(one_member(bomb, 100, 0x81000200), "bomb").read("Member", LIMIT)
    sparse = b"\x20\0\0\0\0" + b"\x7f" * 90
    assert Archive(one_member(sparse, 100, 0x81000200), "bomb").read("Member", LIMIT) == bytes(100)


def test_archives_cut_off_anywhere_are_refused_or_read_whole() -> None:
    data = write_archive(MEMBERS)
    for length in range(0, len(data), 97):
        with pytest.raises(MapError):
            Archive(data[:length], "cut")


def test_tables_of_absurd_size_are_refused() -> None:
    data = bytearray(write_archive(MEMBERS))
    for at in (24, 28):  # entries of the hash and the block table
        for entries in (0, 1 << 15, 0xFFFFFFFF):
            changed = bytearray(data)
            struct.pack_into("<I", changed, at, entries)
            with pytest.raises(MapError, match=r"has no whole (hash|block) table"):
                Archive(bytes(changed), "big")


@pytest.mark.parametrize("data", [b"", b"MPQ\x1a", b"PK\x03\x04" * 100, bytes(5000)])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(MapError, match="it is no MPQ archive"):
        Archive(data, "text.SC2Map")


def test_archives_are_known_by_their_first_bytes() -> None:
    assert is_archive(write_archive(MEMBERS))
    assert is_archive(write_replay_archive(b"", MEMBERS))
    assert not is_archive(b"PK\x03\x04")


@needs_reference
def test_real_archives_read_as_another_reader_reads_them() -> None:
    assert REFERENCE is not None
    path = REFERENCE / "maps" / "sc2map" / "KairosJunctionLE.SC2Map"
    ours, other = Archive(path.read_bytes(), path.name), mpyq.MPQArchive(str(path))
    names = [name.decode() for name in other.files]
    assert len(names) > 40
    for name in names:
        assert ours.read(name, 16 << 20) == other.read_file(name), name


def test_a_replays_archive_gives_back_its_files() -> None:
    files = {"replay.details": b"short", "replay.tracker.events": b"long " * 4000, "empty": b""}
    archive = MpqArchive(write_replay_archive(b"header", files))
    assert archive.user_data == b"header"
    assert {name: archive.read(name) for name in files} == files
    assert archive.read("replay.game.events") is None
    assert "replay.details" in archive


def test_many_files_find_their_places() -> None:
    files = {f"file{number}": str(number).encode() for number in range(200)}
    archive = MpqArchive(write_replay_archive(b"", files))
    assert all(archive.read(name) == content for name, content in files.items())
