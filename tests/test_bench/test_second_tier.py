"""What the figures of a second look are worked out from."""

from __future__ import annotations

from bench.second_tier import _Costs


def costs() -> _Costs:
    """One round's."""
    return _Costs(
        first={100: [0.1], 400: [0.25], 2_000: [0.5]}, second={100: [5.0], 400: [10.0], 2_000: [25.0]}, articles=[80.0]
    )


def test_ratios_are_the_second_tiers_to_the_first() -> None:
    """By length, and the article's first time by itself."""
    table = costs().table()
    assert [row[-1] for row in table.rows] == ["50 ×", "40 ×", "50 ×", "–"]
    assert table.rows[-1][2] == "80.0"


def test_throughput_follows_from_the_shares() -> None:
    """Doubts of two heads may be about different comments; there are no more doubts than comments."""
    rows = costs().throughput({"off_topic": 0.25, "spoiler": 0.125}).rows
    assert [row[1] for row in rows] == ["0%", "38%", "100%"]
    assert [row[2] for row in rows] == ["4,000", "250", "97.6"]
    assert costs().throughput({"off_topic": 0.9, "spoiler": 0.9}).rows[1][1] == "100%"
