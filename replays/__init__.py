"""Reading and explaining `.SC2Replay` files: 1v1 games of Legacy of the Void, real ones and the engine's own.

`replays.reader.read_replay` turns a file into a `replays.model.ReplayData`; everything else works on that.
Nothing here touches the network. May be imported by the framework and its commands; imports neither the bot
nor the engine.
"""
