"""The garbage collector during a match."""

import gc
import weakref

from cherrypy_bot.ladder.collector import short_pauses


class Node:
    """Something that can refer to itself."""


def test_what_exists_is_left_alone_and_what_comes_is_still_collected() -> None:
    with short_pauses():
        assert gc.get_freeze_count() > 1000
        node = Node()
        node.me = node  # type: ignore[attr-defined]
        gone = weakref.ref(node)
        del node
        gc.collect()
        assert gone() is None
    assert gc.get_freeze_count() == 0
