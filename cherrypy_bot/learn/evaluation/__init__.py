"""What openings and policies are worth: games by plan, counted with intervals.

`matrix` plays every build against every opponent, `table` compares policies, `intervals` says how sure a share of wins
is. Both keep their games in a `league.store`, so they go on where they were stopped.
"""
