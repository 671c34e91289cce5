"""Games by the thousand: who plays whom, in which process, and where results and episodes are kept.

`orders` says what one game is, `play` plays it and makes episodes, `store` keeps orders, results and ratings, `workers`
and `cluster` play orders in processes here or on Ray, `run` keeps them busy, `pool` and `planner` decide who meets
whom. The commands and the evaluation import it; nothing that goes to the ladder does. docs/league.md explains it.
"""
