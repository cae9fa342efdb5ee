# `make` lists what there is. Everything runs from .venv, which bootstrap.py fills from requirements/.
PYTHON ?= python3
PORT ?= 8000
SERVE ?= 1
WORKERS ?= 3
ARGS ?=
BENCH ?=
PY := .venv/bin/python
BIN := .venv/bin
export PORT SERVE

.DEFAULT_GOAL := help
.PHONY: help demo run test bench check format lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## a site with a study and a simulated crowd, from nothing (PORT=8000; SERVE=0 stops after the crowd)
	@$(PYTHON) bootstrap.py run
	@$(PY) manage.py demo

run: ## the site on this machine with your own data, reloading when the code changes (PORT=8000)
	@$(PYTHON) bootstrap.py run
	@$(PY) manage.py migrate --verbosity 0
	@DEBUG=1 $(PY) manage.py runserver $(PORT)

test: ## every test, on SQLite and then on a real PostgreSQL (ARGS="tests/annotation -k quota" narrows it)
	@$(PYTHON) bootstrap.py dev
	@echo "== SQLite"
	@DATABASE_URL=sqlite:///$(CURDIR)/var/test.sqlite3 $(BIN)/pytest -n $(WORKERS) -m "not postgres" $(ARGS)
	@echo "== PostgreSQL"
	@$(PY) -m tests.postgres $(BIN)/pytest -n $(WORKERS) -m "not browser and not slow and not pages" --only-database $(ARGS)

bench: ## measurements of the whole site, as tables and JSON (BENCH=serving narrows it)
	@$(PYTHON) bootstrap.py dev
	@DJANGO_SETTINGS_MODULE=config.settings.test $(PY) -m benchmarks $(BENCH)

check: ## style, types, imports, templates, migrations, deployment settings, containers
	@$(PYTHON) bootstrap.py dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --check --lint templates
	DJANGO_SETTINGS_MODULE=config.settings.test $(PY) manage.py makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=config.settings.production ALLOWED_HOSTS=example.org EMBEDDED_WORKER= \
	  SECRET_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(60))')" \
	  $(PY) manage.py check --deploy --fail-level WARNING
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

format: ## put code and templates into the agreed style
	@$(PYTHON) bootstrap.py dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/djlint --quiet --reformat templates || true

lock: ## choose versions anew within pyproject.toml and write requirements/, hashed and without any address
	@$(PYTHON) bootstrap.py dev
	@echo 'uv>=0.9' | $(call compile,uv,-)
	@$(call compile,run,pyproject.toml)
	@$(call compile,dev,pyproject.toml --group dev --constraint requirements/run.txt)
	@$(PYTHON) bootstrap.py dev

clean: ## remove .venv and caches; your data in var/ stays
	rm -rf .venv build .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

compile = $(BIN)/uv pip compile $(2) --upgrade --universal --generate-hashes --no-header --no-annotate --quiet \
  --output-file requirements/$(1).txt
