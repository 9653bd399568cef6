# make run    installs what the app needs into .venv and serves it on 127.0.0.1:7860 (ARGS="--lang en" adds options)
# make test   installs what the tests need, too, and runs them
# make lint   the linter and the type checker
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test lint

run: .venv/installed
	$(BIN)/python app.py $(ARGS)

test: .venv/installed-dev
	$(BIN)/python -m pytest $(ARGS)

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.venv/installed: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	touch $@
