"""A pysc2 program that knows nothing of this project: started by programs.py in a process of its own.

Usage: plain_pysc2.py PACKAGE computer|duel

PACKAGE is pysc2 or a package with its modules under another name. It brings the launcher, the connection and the
environment; the agents read raw units and send raw actions.
"""

import importlib
import sys

from absl import flags

package = sys.argv[1]
maps, run_loop, sc2_env, actions = (
    importlib.import_module(f"{package}.{name}") for name in ("maps", "env.run_loop", "env.sc2_env", "lib.actions")
)
map_class = importlib.import_module(f"{package}.maps.lib").Map
base_agent = importlib.import_module(f"{package}.agents.base_agent").BaseAgent

NEXUS, PROBE, OWN = 59, 84, 1
LONGEST = 20_000  # loops


class CherryGroveLE(map_class):
    """This class is how the package learns of a map."""

    filename = "CherryGroveLE"
    players = 2
    game_steps_per_episode = LONGEST
    step_mul = 16


class WorkerRush(base_agent):
    """All workers attack the place opposite to their own; the town hall trains more of them."""

    def step(self, obs):
        super().step(obs)
        mine = [unit for unit in obs.observation.raw_units if unit.alliance == OWN]
        workers = [unit.tag for unit in mine if unit.unit_type == PROBE]
        halls = [unit for unit in mine if unit.unit_type == NEXUS]
        if obs.first():
            self.target = (self.size[0] - halls[0].x, self.size[1] - halls[0].y)
        if self.steps % 20 == 1 and workers:
            return actions.RAW_FUNCTIONS.Attack_pt("now", workers, self.target)
        if halls and obs.observation.player.minerals >= 50 and halls[0].order_length == 0:
            return actions.RAW_FUNCTIONS.Train_Probe_quick("now", [halls[0].tag])
        return actions.RAW_FUNCTIONS.no_op()


class Idle(base_agent):
    """Does nothing at all."""

    def step(self, obs):
        super().step(obs)
        return actions.RAW_FUNCTIONS.no_op()


if __name__ == "__main__":
    flags.FLAGS(sys.argv[:1])
    interface = sc2_env.AgentInterfaceFormat(action_space=sc2_env.ActionSpace.RAW, use_raw_units=True)
    rusher, agents = sc2_env.Agent(sc2_env.Race.protoss), [WorkerRush()]
    if sys.argv[2] == "duel":
        other = sc2_env.Agent(sc2_env.Race.terran)
        agents.append(Idle())
    else:
        other = sc2_env.Bot(sc2_env.Race.zerg, sc2_env.Difficulty.very_easy)
    with sc2_env.SC2Env(
        map_name="CherryGroveLE", players=[rusher, other], agent_interface_format=interface, random_seed=3
    ) as env:
        size = env._controllers[0].game_info().start_raw.map_size
        WorkerRush.size = (size.x, size.y)
        run_loop.run_loop(agents, env, max_episodes=1)
    print("rewards", [int(agent.reward) for agent in agents], "steps", agents[0].steps)
