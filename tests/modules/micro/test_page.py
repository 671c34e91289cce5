"""docs/micro.md says what the bot casts and what Micro is worth, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from tests.modules.micro import inventory
from tests.modules.micro.scenarios import SCENARIOS


def test_every_ability_of_the_engine_has_somebody_who_casts_it_or_a_reason_why_nobody_does() -> None:
    assert inventory.unknown() == []


def test_the_page_tells_who_casts_what() -> None:
    page = Path("docs/micro.md").read_text(encoding="utf-8")
    wanted = f"{inventory.cast_table()}\n{inventory.other_table()}".split("\n")
    missing = [line for line in wanted if line not in page]
    assert missing == [], "python -m tests.modules.micro.inventory prints the tables for docs/micro.md"


def test_the_page_lists_every_scenario_and_at_least_nine_of_ten_are_won_by_micro() -> None:
    page = Path("docs/micro.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:-1] for line in page.splitlines() if re.search(r"[+-]\d\.\d\d \|$", line)]
    assert sorted(row[0].strip() for row in rows) == sorted(scenario.name for scenario in SCENARIOS)
    better = sum(float(row[-1]) > 0.0 for row in rows)
    assert better >= 0.9 * len(rows)
