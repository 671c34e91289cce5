"""The arena: matches between bots in processes of their own, judged as the AI Arena ladder judges them.

`rules` (limits and verdicts), `game` (the engine behind both bots), `line` (what passes between one bot and the game),
`match` (one match from start to verdict), `entrants` (who plays and how they are started), `store` (SQLite), `pairing`
and `tournament`. May import `core`, the configuration and `sim`; nothing of it goes into a packed bot.
"""
