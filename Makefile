# Each target sets up what it needs by itself; only Python >= 3.11 has to be there.
# Settings can be given here: make run PORT=8001.  Another Python: make run PYTHON=python3.12.

.PHONY: run install test lighthouse coverage bench bench-quick lint lock screenshots types api-docs translations demo-reset
export PYTHON

# Compiled files are kept while testing, wherever else they aren't: ten seconds of each process.
PYTEST = PYTHONDONTWRITEBYTECODE= .venv/bin/python -m pytest -n 2 --dist worksteal
BABEL = babel.messages.frontend
CATALOGS = tasks/wording/locale
EXTRACT = --mapping-file tasks/wording/babel.cfg --omit-header --no-location
UPDATE = --ignore-obsolete --no-fuzzy-matching --omit-header

run: ## start everything; Ctrl-C ends it
	@sh .ci/venv.sh requirements.txt
	@exec .venv/bin/python -m app.launch --end-with-parent $$PPID

install: ## only what `run` needs, for other ways to run it (docs/deploying.md)
	@sh .ci/venv.sh requirements.txt

test: ## the whole suite, or what ARGS says: make test ARGS="tests/models -x"
	@sh .ci/venv.sh requirements-dev.txt
	@sh .ci/browser.sh
	@exec env $(PYTEST) $(ARGS)

lighthouse: ## what Lighthouse says of a student's first page; a minute, with nothing else beside it
	@sh .ci/venv.sh requirements-dev.txt
	@sh .ci/browser.sh
	@exec env THRIVE_LIGHTHOUSE=1 $(PYTEST) -n 0 -s tests/browser/test_lighthouse.py

coverage: ## the whole suite, and every line and branch of models/ has to be reached
	@sh .ci/venv.sh requirements-dev.txt
	@exec env $(PYTEST) --cov $(ARGS)

bench: ## the figures of the README, several minutes; ARGS="--only hot,spread" for some of them
	@sh .ci/venv.sh requirements-bench.txt
	@exec .venv/bin/python -m benchmarks $(ARGS)

bench-quick: ## the same with small numbers, to see that every scenario comes out right
	@sh .ci/venv.sh requirements-bench.txt
	@exec .venv/bin/python -m benchmarks --quick $(ARGS)

lint: ## style and types, and that the lock files name all that is needed
	@sh .ci/venv.sh requirements-dev.txt
	@.venv/bin/python -m pip check --disable-pip-version-check
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

lock: ## write the requirements files anew from pyproject.toml; LOCK_ARGS=--upgrade for newer versions
	@sh .ci/venv.sh requirements.txt
	@sh .ci/lock.sh $(LOCK_ARGS)

screenshots: ## take the docs' pictures of the pages anew
	@sh .ci/venv.sh requirements-dev.txt
	@sh .ci/browser.sh
	@exec env $(PYTEST) tests/browser --docs-screenshots docs/screenshots

types: ## write the client's TypeScript declarations anew from the API (needs node and npm)
	@sh .ci/venv.sh requirements-dev.txt
	@.venv/bin/python -m tests.client.declarations

api-docs: ## write the calls, shapes and codes of docs/api.md anew from the API
	@sh .ci/venv.sh requirements-dev.txt
	@.venv/bin/python -m tests.documents.api_reference

translations: ## bring the catalogs up to date; with LANGUAGE=fr a new one is begun
	@sh .ci/venv.sh requirements.txt
	@.venv/bin/python -m $(BABEL) extract $(EXTRACT) --output-file $(CATALOGS)/thrive.pot .
	@.venv/bin/python -m $(BABEL) $(if $(LANGUAGE),init --locale $(LANGUAGE),update $(UPDATE)) \
		--domain thrive --output-dir $(CATALOGS) --input-file $(CATALOGS)/thrive.pot --width 100
	@rm $(CATALOGS)/thrive.pot

demo-reset: ## delete the demo's data; the next `make run` makes new ones
	@sh .ci/venv.sh requirements.txt
	@exec .venv/bin/python -m app.launch --reset
