# PesaChama Gateway. Bare `make` prints this list.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
export PIP_NO_INPUT = 1
# Without compiled files every process that is started compiles all of ours for itself, and so does every hand of pytest.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# The demo needs the product and the embedded servers only: a smaller download than the tools for tests.
# Python compiles what is imported when it first is: to compile all that came costs more time than to download it.
$(VENV)/.product: requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --no-compile --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.tools: requirements-dev.lock $(VENV)/.product
	$(PIP) install --no-compile --require-hashes -r requirements-dev.lock
	@touch $@

.PHONY: demo
demo: $(VENV)/.product  ## everything embedded, with a phone in the browser (PORT=8000, FRESH=1 starts over)
	@$(BIN)/pesachama demo

# Commands of an operator, tried on the demo that is running.
DEMO_IS_UP := test -f .demo/environment || { echo "no demo is running here: start one with make demo" >&2; exit 1; }
.PHONY: verify
verify: $(VENV)/.product  ## re-derives the books of the running demo, one line per invariant
	@$(DEMO_IS_UP); set -a; . ./.demo/environment; set +a; $(BIN)/pesachama verify

.PHONY: doctor
doctor: $(VENV)/.product  ## looks at the running demo's settings and surroundings: OK or FIX
	@$(DEMO_IS_UP); set -a; . ./.demo/environment; set +a; $(BIN)/pesachama doctor

.PHONY: test
test: $(VENV)/.tools  ## the test suite, on CPython alone
	$(BIN)/pytest -m "not full and not long" -n auto --dist loadfile --no-loadscope-reorder

# A public Daraja library that the simulator is tried with, in an environment of its own: the product needs none of it.
PEER := tests/simulator/peer
$(PEER)/.venv/.installed: $(PEER)/requirements.lock
	$(PYTHON) -m venv $(PEER)/.venv
	$(PEER)/.venv/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r $(PEER)/requirements.lock
	@touch $@

.PHONY: test-full
test-full: $(VENV)/.tools $(PEER)/.venv/.installed  ## adds Node, Chromium, PostgreSQL 15 and the drills that kill processes; fails when one is missing
	cd bench/peer && npm ci --silent --no-audit --no-fund
	$(BIN)/pytest -m full -n auto --dist loadfile
	$(BIN)/python -m tests.on_postgres_15 -n auto --dist loadfile -m "not full and not long" tests/ledger/test_books.py tests/ledger/test_holds.py tests/ledger/test_sets.py tests/ledger/test_verify.py tests/ledger/test_seasons.py tests/ledger/test_archive.py tests/test_migrations.py tests/test_rows.py tests/test_audit.py tests/payments/test_paybill.py tests/payments/test_payouts.py tests/loop/test_invariants.py tests/loop/test_erasure.py

.PHONY: test-long
test-long: $(VENV)/.tools  ## adds the exhaustive tests, and everything on PostgreSQL 15 (long)
	$(BIN)/pytest -m long -n auto
	$(BIN)/python -m tests.on_postgres_15 -n auto --dist loadfile -m "not full and not long" tests

.PHONY: check
check: $(VENV)/.tools  ## ruff, mypy --strict, the import contract and the menus' validator
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m menus.validator

.PHONY: lock
lock: $(VENV)/.tools  ## writes the two lock files again from pyproject.toml
	$(PIP) install uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --prerelease if-necessary-or-explicit --generate-hashes --no-header --no-emit-index-url -q --extra embedded --extra build -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --prerelease if-necessary-or-explicit --generate-hashes --no-header --no-emit-index-url -q --extra embedded --extra build --extra sentry --extra dev -c requirements.lock -o requirements-dev.lock
	$(BIN)/uv pip compile $(PEER)/requirements.in --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -q -o $(PEER)/requirements.lock

.PHONY: schema
schema: $(VENV)/.tools  ## draws migrations/schema.sql again
	$(BIN)/python -m migrations.picture

.PHONY: env-example
env-example: $(VENV)/.tools  ## writes .env.example from the settings
	$(BIN)/python -m gateway.settings > .env.example

.PHONY: menus
menus: $(VENV)/.tools  ## writes docs/menus.md from the screens
	$(BIN)/python -m menus.map

.PHONY: states
states: $(VENV)/.tools  ## writes docs/states.md from the tables of moves
	$(BIN)/python -m gateway.lifecycles

.PHONY: codes
codes: $(VENV)/.tools  ## writes docs/codes.md from the tables of Safaricom's codes
	$(BIN)/python -m gateway.codebook

.PHONY: house
house: $(VENV)/.tools  ## writes the rooms and modules into HOUSE.md
	$(BIN)/python -m tests.house.rooms

.PHONY: locale
locale: $(VENV)/.tools  ## puts every sentence into the catalogue of the file that says it; new ones empty
	$(BIN)/python -m tests.menus.catalogues

.PHONY: pictures
pictures: $(VENV)/.tools  ## takes the pictures of the README again; needs Chromium
	$(BIN)/python -m tests.pictures

.PHONY: talk
talk: $(VENV)/.tools  ## accepts what the talks say now; read the difference before you commit it
	ACCEPT_TALKS=1 $(BIN)/pytest tests/menus/test_talks.py

.PHONY: bench
bench: $(VENV)/.tools  ## the figures of docs/performance.md; ROWS="turn drain" chooses, SECONDS=3 lengthens (needs wrk, npm)
	$(if $(ROWS),,cd bench/peer && npm ci --silent --no-audit --no-fund)
	$(BIN)/python -m bench $(ROWS) $(if $(SECONDS),--seconds $(SECONDS))

.PHONY: storm
storm: $(VENV)/.tools  ## seeded fault runs: SEED=1 ROUNDS=10000, PAYOUTS=100000, BODIES=1000000 or SESSIONS=10000; HANDS=2 processes, RESUME=1 goes on
	$(BIN)/python -m tests.storm --seed $(or $(SEED),1) $(if $(BODIES),--bodies $(BODIES),$(if $(SESSIONS),--sessions $(SESSIONS),$(if $(PAYOUTS),--payouts $(PAYOUTS),--rounds $(or $(ROUNDS),1000)))) --hands $(or $(HANDS),1) $(if $(RESUME),--resume)

.PHONY: village
village: $(VENV)/.tools  ## two years of 200 groups on a virtual clock, every day looked at: CHAMAS=200 DAYS=730 SEED=1; HANDS=2 processes, RESUME=1 goes on
	$(BIN)/python -m tests.village --chamas $(or $(CHAMAS),200) --days $(or $(DAYS),730) --seed $(or $(SEED),1) --hands $(or $(HANDS),1) $(if $(RESUME),--resume)
