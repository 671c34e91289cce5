"""Learning which build order to play: what is seen as numbers, models over it, training and self-play.

`view`, `vocabulary`, `features`, `descriptors`, `inference`, `weights`, `policies` and `bandits` run in a match with
numpy alone and go to the ladder; torch is imported nowhere but in `training`. `modules.strategy.selector` asks them.
docs/selector.md and docs/league.md explain the parts.
"""
