"""What runs down by itself: construction, regeneration, production, cooldowns, timed life."""

from __future__ import annotations

from cherrypy_bot.sim.kernels.common import (
    K_SHIELD_DELAY,
    K_SHIELD_REGEN,
    K_START_FACTOR,
    Rules,
    Scratch,
    Ticks,
    emit,
)
from cherrypy_bot.sim.kernels.jit import njit
from cherrypy_bot.sim.state import (
    EV_BUILT,
    EV_EXPIRED,
    EV_LARVA,
    EV_TIMER,
    EV_WORK_DONE,
    Rows,
)

DONE = 1e-6
"""Work below this is finished; fractional loops add up with tiny errors."""


@njit
def run_timers(u: Rows, s: Rules, clock: Ticks, scratch: Scratch) -> None:
    """One loop of everything that counts down."""
    loop = clock[0].loop
    for k in range(scratch.counts[0]):
        i = int(scratch.rows[k].active)
        if u[i].build_left > 0.0:
            rate = u[i].build_rate
            if rate > 0.0:
                share = min(rate, u[i].build_left) / u[i].build_total * (1.0 - scratch.constants[K_START_FACTOR])
                u[i].hp = min(u[i].hp_max, u[i].hp + u[i].hp_max * share)
                u[i].shield = min(u[i].shield_max, u[i].shield + u[i].shield_max * share)
                u[i].build_left -= rate
                if u[i].build_left <= DONE:
                    u[i].build_left = 0.0
                    emit(scratch, clock, EV_BUILT, i, 0)
        else:
            _regenerate(u, s, scratch, loop, i)
            if u[i].cooldown > 0.0:
                u[i].cooldown -= u[i].attack_rate
            for slot in range(2):
                if u[i].work_left[slot] >= 0.0:
                    u[i].work_left[slot] -= u[i].work_rate
                    if u[i].work_left[slot] <= DONE:
                        u[i].work_left[slot] = -1.0
                        emit(scratch, clock, EV_WORK_DONE, i, slot)
            if u[i].larva_timer >= 0.0 and u[i].work_rate > 0.0:
                u[i].larva_timer -= 1.0
                if u[i].larva_timer <= DONE:
                    u[i].larva_timer = -1.0
                    emit(scratch, clock, EV_LARVA, i, 0)
        if u[i].life_left >= 0.0:
            u[i].life_left -= 1.0
            if u[i].life_left <= DONE:
                u[i].life_left = -1.0
                emit(scratch, clock, EV_EXPIRED, i, 0)
        if u[i].timer >= 0.0:
            u[i].timer -= 1.0
            if u[i].timer <= DONE:
                u[i].timer = -1.0
                emit(scratch, clock, EV_TIMER, i, 0)


@njit
def _regenerate(u: Rows, s: Rules, scratch: Scratch, loop: int, i: int) -> None:
    o, t = u[i].owner, u[i].type_id
    if (
        u[i].hp < u[i].hp_max
        and s.unit[o, t].hp_regen > 0.0
        and loop - u[i].last_hurt_loop >= s.unit[o, t].hp_regen_delay
    ):
        u[i].hp = min(u[i].hp_max, u[i].hp + s.unit[o, t].hp_regen)
    if u[i].shield < u[i].shield_max and loop - u[i].last_hurt_loop >= scratch.constants[K_SHIELD_DELAY]:
        u[i].shield = min(u[i].shield_max, u[i].shield + scratch.constants[K_SHIELD_REGEN])
    if u[i].energy < u[i].energy_max:
        u[i].energy = min(u[i].energy_max, u[i].energy + s.unit[o, t].energy_regen)
