"""`make golden`: write the golden playthroughs anew; `git diff tests/golden` then shows what changed in play."""

from __future__ import annotations

import sys

from tests.golden.playthrough import STORIES, tell


def main() -> None:
    """Write the stories named on the command line, all when none is named."""
    wanted = sys.argv[1:]
    for story in STORIES:
        if wanted and story.map_name not in wanted:
            continue
        before = story.path.read_text() if story.path.is_file() else ""
        after = tell(story)
        story.path.write_text(after)
        print(f"{story.path.name}: {'as before' if before == after else 'changed'}")


if __name__ == "__main__":
    main()
