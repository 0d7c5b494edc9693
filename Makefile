# make episode PROMPT="A lighthouse keeper befriends a storm."   installs what is missing, makes an episode, says where it is
# make test                                                       installs what is missing, runs every check
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PROMPT ?= A lighthouse keeper befriends a storm.
MINUTES ?=
# A prompt is words: neither make (`value`) nor the shell (the environment) may read its $, quotes and backticks as their own.
override PROMPT := $(value PROMPT)
export PROMPT

.PHONY: episode test lint format types imports structure tests bench clean

episode: $(VENV)/.installed
	mkdir -p series && cd series && ../$(BIN)/episodic generate "$$PROMPT" $(if $(MINUTES),--minutes $(MINUTES))

# The ceilings come last, so that a value above one does not keep the tests from running.
test: lint types imports tests structure

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

imports: $(VENV)/.installed-dev
	$(BIN)/lint-imports

# Ceilings and word lists are in tools/structure/ceilings.toml; `python -m tools.structure --list MEASURE` shows the lines.
structure: $(VENV)/.installed-dev
	$(BIN)/python -m tools.structure

# With EPISODIC_COVERAGE=1 a table of executed lines comes last; it takes about 15 % more time.
# The memory is tested on SQLite and PostgreSQL; without the latter those tests are skipped, unless EPISODIC_NEEDS_POSTGRES is set.
# A file of tests stays in one process, so that what its tests share is made once. Bytecode is kept, since tests start many processes,
# each of which would compile the sources anew.
tests: $(VENV)/.installed-dev
	@sh tools/postgres.sh install >/dev/null || [ -z "$$EPISODIC_NEEDS_POSTGRES" ]
	OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 2 --dist loadfile $(if $(EPISODIC_COVERAGE),-p tests.coverage_report)

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.episode

# Everything in one pip call, so that the resolver sees torch's range before anything else asks for torch.
$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	PYTHON=$(BIN)/python sh tools/system-libraries.sh
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/bin/python
	PYTHON=$(BIN)/python sh tools/system-libraries.sh
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@ $(VENV)/.installed

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
