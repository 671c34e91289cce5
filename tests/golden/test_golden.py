"""The golden playthroughs: play has not changed unless somebody meant it to."""

import pytest

from tests.golden.playthrough import STORIES, Story, tell


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.map_name)
def test_the_match_goes_as_written(story: Story) -> None:
    assert tell(story) == story.path.read_text(), (
        "play changed; if that is meant, run `make golden` and commit the diff"
    )
