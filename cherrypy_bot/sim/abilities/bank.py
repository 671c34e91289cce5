"""Minerals and gas: what a player can pay, pays, and gets back."""

from __future__ import annotations

import math

from cherrypy_bot.sim import switches
from cherrypy_bot.sim.abilities.results import Result
from cherrypy_bot.sim.world import World


def affords(world: World, player: int, minerals: float, gas: float) -> int:
    """SUCCESS, or which of the two is missing (minerals are named first, as in the game)."""
    players = world.players
    if switches.on(world, player, switches.FREE):
        return Result.SUCCESS
    if players.minerals[player] < minerals:
        return Result.NOT_ENOUGH_MINERALS
    if players.gas[player] < gas:
        return Result.NOT_ENOUGH_VESPENE
    return Result.SUCCESS


def pay(world: World, player: int, minerals: float, gas: float) -> None:
    """Take a price that `affords` has found payable."""
    if switches.on(world, player, switches.FREE):
        return
    players = world.players
    players.minerals[player] -= minerals
    players.gas[player] -= gas
    players.spent_minerals[player] += minerals
    players.spent_gas[player] += gas


def refund(world: World, player: int, minerals: float, gas: float, share: float = 1.0) -> None:
    """Give a share of a price back, in whole minerals and gas."""
    if switches.on(world, player, switches.FREE):
        return
    back_minerals, back_gas = math.floor(minerals * share), math.floor(gas * share)
    players = world.players
    players.minerals[player] += back_minerals
    players.gas[player] += back_gas
    players.spent_minerals[player] -= back_minerals
    players.spent_gas[player] -= back_gas
