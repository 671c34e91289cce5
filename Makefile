# Everything a newcomer needs: `make play`, `make test`, `make help`.
# The first call of any target creates .venv and installs the pinned dependencies; later calls start at once.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LADDER_VENV := .venv-ladder
LADDER_STAMP := $(LADDER_VENV)/.installed
PACKAGES := cherrypy_bot modules replays tests benchmarks
# Arguments for the command that a target runs, as in: make play ARGS="cherry_zerg --seed 7"
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help play test check format bench golden selector test-ladder-compat test-clients install clean distclean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

install: $(STAMP)  ## create .venv with the pinned dependencies

play: $(STAMP)  ## play the bot of bots.yaml against a scripted opponent on the embedded engine
	@$(BIN)/cherrypy-bot play $(ARGS)

test: $(STAMP)  ## run the whole test suite
	$(BIN)/python -m pytest $(ARGS)

check: $(STAMP)  ## lint, formatting and types
	$(BIN)/ruff check $(wildcard $(PACKAGES))
	$(BIN)/ruff format --check $(wildcard $(PACKAGES))
	$(BIN)/mypy

format: $(STAMP)  ## rewrite the code as `make check` wants it
	$(BIN)/ruff check --fix $(wildcard $(PACKAGES))
	$(BIN)/ruff format $(wildcard $(PACKAGES))

bench: $(STAMP)  ## measure the engine and whole matches; prints tables, writes JSON under out/benchmarks
	$(BIN)/python -m benchmarks.engine_speed $(ARGS)
	$(BIN)/python -m benchmarks.match_speed $(ARGS)
	$(BIN)/python -m benchmarks.planner_speed $(ARGS)
	$(BIN)/python -m benchmarks.step_budget $(ARGS)
	$(BIN)/python -m benchmarks.selfplay_speed $(ARGS)

golden: $(STAMP)  ## regenerate the golden playthroughs; the diff shows what changed in play
	$(BIN)/python -m tests.golden.regenerate $(ARGS)

# Which race's selector `make selector` trains and evaluates; ARGS="--budget 2h" ends it early, the next call goes on.
RACE ?= zerg
selector: $(STAMP)  ## train and evaluate the build-order selector of RACE from nothing (hours; goes on where it was)
	$(BIN)/cherrypy-bot train whole --race $(RACE) $(ARGS)

test-ladder-compat: $(STAMP) $(LADDER_STAMP)  ## one match with the bot on burnysc2 7.2.1 and without numba
	$(BIN)/python -m cherrypy_bot.ladder.compat --python $(LADDER_VENV)/bin/python $(ARGS)

test-clients: $(STAMP)  ## games of SC2 clients that other people wrote, each package of PyPI in its own environment
	$(BIN)/python -m tests.clients.programs $(ARGS)

# The first interpreter that starts and is new enough; version shims that only print a hint are skipped.
$(BIN)/python:
	@for candidate in "$(PYTHON)" python3.11 python3 python3.12 python3.13 python; do \
	  [ -n "$$candidate" ] || continue; \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    echo "Creating $(VENV) with $$("$$candidate" --version)"; \
	    "$$candidate" -m venv $(VENV) && exit 0; \
	    rm -rf $(VENV); \
	    echo "$$candidate cannot create a virtual environment: install its venv package (Debian and Ubuntu: apt install python3-venv)." >&2; \
	    exit 1; \
	  fi; \
	done; \
	echo "No Python 3.11 or newer was found: install one, or name it as in: make PYTHON=/path/to/python3.12 play" >&2; \
	exit 1

$(STAMP): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing the pinned dependencies into $(VENV) (once; about 1 GB, a few minutes)"
	@$(BIN)/python -m pip install --disable-pip-version-check -qq -e '.[dev]' -c constraints.txt
	@touch $@

# What a bot finds on the ladder: python-sc2 7.2.1, no numba, no typer, no engine.
$(LADDER_STAMP): constraints-ladder.txt | $(BIN)/python
	@echo "Creating $(LADDER_VENV) with the ladder's packages"
	@$(BIN)/python -m venv $(LADDER_VENV)
	@$(LADDER_VENV)/bin/python -m pip install --disable-pip-version-check -qq -r constraints-ladder.txt
	@touch $@

clean:  ## remove what runs and tests wrote
	rm -rf out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name .venv -prune -o -name .venv-ladder -prune -o -name __pycache__ -type d -print | xargs rm -rf

distclean: clean  ## also remove the virtual environments
	rm -rf $(VENV) $(LADDER_VENV) .venv-clients *.egg-info
