"""Units of an observation, built one by one with protobuf's own classes: what the compiled writer must agree with.

Slow and plain on purpose; it shares the ruleset and the sight with the engine's writer, and nothing else.
"""

from __future__ import annotations

import math

from s2clientprotocol import common_pb2 as common
from s2clientprotocol import raw_pb2 as raw

from cherrypy_bot.sim import state as st
from cherrypy_bot.sim.api.match import Seat
from cherrypy_bot.sim.api.sight import SNAPSHOT_TAG, Sight
from cherrypy_bot.sim.world import Order, Snapshot, World

RETURN_OF_GATHER = {295: 296, 298: 299, 1183: 1184, 166: 167}
CARRY_GAS = {"Terran": 273, "Protoss": 274, "Zerg": 275}
RADAR = {"SensorTower": 30.0}
NEUTRAL_ID = 16


class PlainUnits:
    """One player's view, unit by unit."""

    def __init__(self, world: World, revealed: bool, seat: Seat) -> None:
        self.world, self.player, self.camera, self.options = world, seat.player, seat.camera, seat.options
        self.selection = seat.selection
        self.u = world.units
        self.sight = Sight(world, seat.player, revealed)

    def units(self) -> list[raw.Unit]:
        """All units of the observation, in no particular order."""
        found = []
        for row in range(self.sight.rows):
            if not self.u.alive[row]:
                continue
            if self.sight.visible[row]:
                found.append(self.seen(row))
            elif self.sight.hidden[row] and self.shimmers(row):
                found.append(self.hidden(row, raw.Cloaked))
            elif self.dot(row):
                found.append(self.blip(row))
        if not self.sight.revealed:
            found += self.snapshots()
        if self.options.show_placeholders:
            found += self.placeholders()
        return found

    # -- small things ----------------------------------------------------------------------------------
    def tag(self, row: int) -> int:
        return (1 << 32) | (row << 18) | (int(self.u.recycle[row]) & 0x3FFFF)

    def known_tag(self, row: int) -> int:
        if self.u.owner[row] == self.player or self.sight.visible[row]:
            return self.tag(row)
        return SNAPSHOT_TAG | (row << 18) | (int(self.u.recycle[row]) & 0x3FFFF)

    def point(self, x: float, y: float, above: float = 0.0) -> common.Point:
        height = self.world.grids.height
        cell = height[min(max(int(y), 0), height.shape[0] - 1), min(max(int(x), 0), height.shape[1] - 1)]
        return common.Point(x=x, y=y, z=-16 + 32 / 255 * float(cell) + above)

    def on_screen(self, row: int) -> bool:
        dx, dy = self.u.x[row] - self.camera[0], self.u.y[row] - self.camera[1]
        return bool(abs(dx) < 13 and -8 < dy < 10)

    def shimmers(self, row: int) -> bool:
        if self.u.burrowed[row]:
            return self.options.show_burrowed_shadows and bool(self.u.speed_now[row] > 0)
        return self.options.show_cloaked

    def dot(self, row: int) -> bool:
        u, rules = self.u, self.world.rules.units
        if u.owner[row] != 1 - self.player or u.hidden[row] or rules[int(u.type_id[row])].is_structure:
            return False
        if u.cloaked[row] and not int(u.detected[row]) >> self.player & 1:
            return False
        return any(
            math.hypot(u.x[row] - u.x[tower], u.y[row] - u.y[tower]) <= RADAR[rules[int(u.type_id[tower])].name]
            for tower in self.world.rows_of(self.player)
            if rules[int(u.type_id[tower])].name in RADAR and u.build_left[tower] <= 0
        )

    # -- messages --------------------------------------------------------------------------------------
    def hidden(self, row: int, cloak: int) -> raw.Unit:
        u = self.u
        rule = self.world.rules.units[int(u.type_id[row])]
        return raw.Unit(
            display_type=raw.Hidden,
            alliance=raw.Enemy,
            tag=self.tag(row),
            unit_type=rule.id,
            pos=self.point(u.x[row], u.y[row], rule.height if u.flying[row] else 0.0),
            radius=rule.radius,
            cloak=cloak,
            is_on_screen=self.on_screen(row),
            is_blip=False,
            is_flying=bool(u.flying[row]),
            is_burrowed=bool(u.burrowed[row]),
        )

    def blip(self, row: int) -> raw.Unit:
        u = self.u
        height = self.world.rules.units[int(u.type_id[row])].height if u.flying[row] else 0.0
        return raw.Unit(
            display_type=raw.Hidden,
            alliance=raw.Enemy,
            tag=self.tag(row),
            pos=self.point(u.x[row], u.y[row], height),
            is_on_screen=self.on_screen(row),
            is_blip=True,
        )

    def seen(self, row: int) -> raw.Unit:
        u, owner = self.u, int(self.u.owner[row])
        rule = self.world.rules.units[int(u.type_id[row])]
        own, neutral = owner == self.player, owner == st.NEUTRAL
        left, total = float(u.build_left[row]), float(u.build_total[row])
        cloak = raw.NotCloaked
        if u.cloaked[row] and not neutral:
            cloak = raw.CloakedAllied if own else raw.CloakedDetected
        unit = raw.Unit(
            display_type=raw.Visible,
            alliance=raw.Neutral if neutral else raw.Self if own else raw.Enemy,
            tag=self.tag(row),
            unit_type=rule.id,
            owner=NEUTRAL_ID if neutral else owner + 1,
            pos=self.point(u.x[row], u.y[row], rule.height if u.flying[row] else 0.0),
            facing=u.facing[row],
            radius=rule.radius,
            build_progress=1 - left / total if left > 0 else 1.0,
            cloak=cloak,
            is_selected=self.tag(row) in self.selection,
            is_on_screen=self.on_screen(row),
            is_blip=False,
            health=u.hp[row],
            health_max=u.hp_max[row],
            shield=u.shield[row],
            shield_max=u.shield_max[row],
            energy=u.energy[row],
            energy_max=u.energy_max[row],
            is_flying=bool(u.flying[row]),
            is_burrowed=bool(u.burrowed[row]),
            is_hallucination=own and bool(u.hallucination[row]),
            is_active=not neutral and bool(u.order[row] != st.IDLE or (u.work_left[row] >= 0).any()),
            armor_upgrade_level=0,
            shield_upgrade_level=0,
        )
        if rule.is_mineral_field and neutral:
            unit.mineral_contents = max(int(u.contents[row]), 0)
        elif rule.is_geyser if neutral else rule.is_gas_building:
            unit.vespene_contents = max(int(u.contents[row]), 0)
        if neutral or rule.is_structure:
            unit.is_powered = bool(u.powered[row]) and rule.needs_power
        if not neutral:
            self.add_levels(unit, row)
            if rule.detection > 0:
                unit.detect_range = rule.detection
            if rule.name in RADAR:
                unit.radar_range = RADAR[rule.name]
        if own:
            self.add_own(unit, row)
        if not neutral:
            unit.buff_ids.extend(self.buffs(row))
        return unit

    def add_levels(self, unit: raw.Unit, row: int) -> None:
        rules = self.world.rules
        rule = rules.units[int(self.u.type_id[row])]
        attack = armor = shield = 0
        for upgrade in self.world.upgrades[int(self.u.owner[row])]:
            if "Level" not in rules.upgrades[upgrade].name:
                continue
            effects = rules.upgrades[upgrade].effects
            struck = {e.index for e in effects if e.kind == "weapon" and e.field == "damage"}
            attack += bool(struck & set(rule.weapons))
            armor += any(e.kind == "unit" and e.field == "armor" and e.index == rule.id for e in effects)
            shield += any(e.kind == "unit" and e.field == "shield_armor" and e.index == rule.id for e in effects)
        if rule.weapons:
            unit.attack_upgrade_level = attack
        unit.armor_upgrade_level, unit.shield_upgrade_level = armor, shield

    def buffs(self, row: int) -> list[int]:
        u = self.u
        found = [buff for buff, _ in self.world.buffs.get(row, ()) if buff > 0]
        if u.carry[row] == st.CARRY_MINERALS:
            found.append(272 if u.carry_amount[row] > 6 else 271)
        elif u.carry[row] == st.CARRY_GAS:
            found.append(CARRY_GAS[self.world.rules.units[int(u.type_id[row])].race])
        return found

    def add_own(self, unit: raw.Unit, row: int) -> None:
        w, u = self.world, self.u
        rule = w.rules.units[int(u.type_id[row])]
        unit.assigned_harvesters, unit.ideal_harvesters = self.harvesters(row)
        if rule.weapons:
            unit.weapon_cooldown = max(float(u.cooldown[row]), 0.0)
        for order in self.orders(row):
            unit.orders.append(order)
        other = int(u.addon[row])
        addons = ("TechLab", "Reactor")
        if rule.is_structure and other >= 0 and u.alive[other] and not u.flying[row] and not rule.name.endswith(addons):
            unit.add_on_tag = self.tag(other)
        self.add_cargo(unit, row)
        prey = int(u.prey[row])
        if prey >= 0 and u.alive[prey] and u.recycle[prey] == u.prey_recycle[row]:
            unit.engaged_target_tag = self.tag(prey)
        if u.life_left[row] >= 0:
            unit.buff_duration_remain = math.ceil(u.life_left[row])
            unit.buff_duration_max = unit.buff_duration_remain + w.loop - int(u.created_loop[row])
        else:
            ends = [end for buff, end in w.buffs.get(row, ()) if buff > 0 and math.isfinite(end) and end > w.loop]
            if ends:
                unit.buff_duration_remain = math.ceil(max(ends) - w.loop)
        for rally in (*w.rallies.get(row, ()), *w.worker_rallies.get(row, ())):
            target = raw.RallyTarget(point=self.point(rally.x, rally.y))
            if rally.target != st.NONE and w.is_unit(rally.target, rally.target_recycle):
                target.tag = self.known_tag(rally.target)
            unit.rally_targets.append(target)

    def add_cargo(self, unit: raw.Unit, row: int) -> None:
        w, u = self.world, self.u
        rule = w.rules.units[int(u.type_id[row])]
        inside = [r for r in w.rows_of(self.player) if u.hidden[r] and u.carrier[r] == row and rule.cargo_capacity > 0]
        if rule.cargo_capacity <= 0 or (rule.is_townhall and not inside):
            return
        unit.cargo_space_max, unit.cargo_space_taken = rule.cargo_capacity, 0
        for r in inside:
            unit.cargo_space_taken += w.rules.units[int(u.type_id[r])].cargo_size
            unit.passengers.add(
                tag=self.tag(r),
                health=u.hp[r],
                health_max=u.hp_max[r],
                shield=u.shield[r],
                shield_max=u.shield_max[r],
                energy=u.energy[r],
                energy_max=u.energy_max[r],
                unit_type=int(u.type_id[r]),
            )

    def harvesters(self, row: int) -> tuple[int, int]:
        w, u, rules = self.world, self.u, self.world.rules
        rule = rules.units[int(u.type_id[row])]
        if u.build_left[row] > 0:
            return 0, 0
        workers = [
            r for r in w.rows_of(self.player) if u.order[r] == st.GATHER and u.node[r] >= 0 and u.build_left[r] <= 0
        ]
        if rule.is_gas_building:
            ideal = rules.game.ideal_workers_per_gas if u.contents[row] > 0 else 0
            return sum(u.node[r] == row for r in workers), ideal
        if not rule.is_townhall or u.flying[row]:
            return 0, 0
        halls = [
            r
            for r in w.rows_of(self.player)
            if rules.units[int(u.type_id[r])].is_townhall and u.build_left[r] <= 0 and not u.flying[r]
        ]
        fields = []
        for r in w.rows_of(st.NEUTRAL):
            if rules.units[int(u.type_id[r])].is_mineral_field:
                gaps = [(math.hypot(u.x[r] - u.x[h], u.y[r] - u.y[h]), h) for h in halls]
                if min(gaps)[1] == row and min(gaps)[0] <= 10:
                    fields.append(r)
        return sum(int(u.node[r]) in fields for r in workers), len(fields) * rules.game.ideal_workers_per_mineral

    # -- orders ----------------------------------------------------------------------------------------
    def orders(self, row: int) -> list[raw.UnitOrder]:
        w, u, found, slot = self.world, self.u, [], 0
        for item in w.production.get(row, ()):
            order = raw.UnitOrder(ability_id=item.ability)
            while slot < 2 and u.work_left[row, slot] < 0:
                slot += 1
            if slot < 2 and u.work_total[row, slot] > 0:
                progress = 1 - float(u.work_left[row, slot]) / float(u.work_total[row, slot])
                if progress > 0:
                    order.progress = progress
                slot += 1
            found.append(order)
        current = w.current.get(row)
        if current is not None and current.kind == st.GATHER and u.gather_phase[row] != st.G_TO_DROP:
            node = int(u.node[row])
            if node >= 0 and w.is_unit(node, int(u.node_recycle[row])):
                found.append(raw.UnitOrder(ability_id=current.ability, target_unit_tag=self.known_tag(node)))
            else:
                found += self.order(current)
        elif current is not None and current.kind in (st.GATHER, st.RETURN):
            order = raw.UnitOrder(ability_id=RETURN_OF_GATHER.get(current.ability, current.ability))
            halls = [
                (math.dist((u.x[r], u.y[r]), (u.x[row], u.y[row])), r)
                for r in w.rows_of(self.player)
                if w.rules.units[int(u.type_id[r])].is_townhall and u.build_left[r] <= 0 and not u.flying[r]
            ]
            if halls:
                order.target_unit_tag = self.tag(min(halls)[1])
            found.append(order)
        elif current is not None:
            found += self.order(current)
        for queued in w.queues.get(row, ()):
            found += self.order(queued)
        return found

    def order(self, order: Order) -> list[raw.UnitOrder]:
        if order.ability <= 0:
            return []
        message = raw.UnitOrder(ability_id=order.ability)
        if order.target != st.NONE and self.world.is_unit(order.target, order.target_recycle):
            message.target_unit_tag = self.known_tag(order.target)
        elif order.x or order.y:
            message.target_world_space_pos.CopyFrom(self.point(order.x, order.y))
        return [message]

    # -- what is not there -----------------------------------------------------------------------------
    def snapshots(self) -> list[raw.Unit]:
        w, u, found = self.world, self.u, []
        for (player, row), snapshot in w.snapshots.items():
            if player == self.player and not self.sight.vision[int(snapshot.y), int(snapshot.x)]:
                found.append(self.snapshot(row, snapshot))
        for row in w.rows_of(st.NEUTRAL):
            if not self.sight.visible[row] and (self.player, row) not in w.snapshots:
                shape = (int(u.type_id[row]), st.NEUTRAL, float(u.x[row]), float(u.y[row]))
                found.append(self.snapshot(row, Snapshot(*shape, 0.0, 0.0, 1.0, 0, int(u.recycle[row]))))
        return found

    def snapshot(self, row: int, kept: Snapshot) -> raw.Unit:
        neutral = kept.owner == st.NEUTRAL
        return raw.Unit(
            display_type=raw.Snapshot,
            alliance=raw.Neutral if neutral else raw.Enemy,
            tag=SNAPSHOT_TAG | (row << 18) | (kept.recycle & 0x3FFFF),
            unit_type=kept.type_id,
            owner=NEUTRAL_ID if neutral else kept.owner + 1,
            pos=self.point(kept.x, kept.y),
            facing=0.0,
            radius=self.world.rules.units[kept.type_id].radius,
            build_progress=kept.build_progress,
            cloak=raw.CloakedUnknown,
            is_on_screen=False,
            is_blip=False,
            is_powered=False,
        )

    def placeholders(self) -> list[raw.Unit]:
        found = []
        for row, order in self.world.current.items():
            if order.kind != st.APPROACH or self.u.owner[row] != self.player:
                continue
            rules = [c for some in self.world.rules.commands.values() for c in some if c.ability_id == order.ability]
            product = next((c.product for c in rules if c.how == "build" and c.product), 0)
            if product:
                unit = raw.Unit(display_type=raw.Placeholder, alliance=raw.Self, tag=0, unit_type=product)
                unit.owner, unit.radius = self.player + 1, self.world.rules.units[product].radius
                unit.pos.CopyFrom(self.point(self.u.goal_x[row], self.u.goal_y[row]))
                unit.facing, unit.build_progress, unit.is_on_screen, unit.is_blip = 4.712389, 0.0, False, False
                found.append(unit)
        return found
