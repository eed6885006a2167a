# inwit: every target sets up what it needs. `make` alone lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXTRAS := gymnasium,llm,sweep,pandas,plot,notebooks,datasets,onnx,hub,tensorboard,trackio,wandb,reasoning-gym,verifiers,openenv
export OMP_NUM_THREADS ?= 1
# Where Python may not write bytecode, each process of a test compiles the package again.
export PYTHONDONTWRITEBYTECODE :=

# uv reads a comma-separated list where pip reads a space-separated one.
empty :=
space := $(empty) $(empty)
comma := ,
UV_LINKS := $(or $(UV_FIND_LINKS),$(subst $(space),$(comma),$(strip $(PIP_FIND_LINKS))))

# Into the virtual environment, by uv where it can be had, by pip otherwise. Both compile what they
# install: where Python may not write, each process would compile torch again, for four seconds.
define install
$(BIN)/python -m pip install -q -c constraints.txt uv \
  && UV_FIND_LINKS="$(UV_LINKS)" VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install -q --compile-bytecode -c constraints.txt $(1) \
  || $(BIN)/python -m pip install -q -c constraints.txt $(1)
endef

.DEFAULT_GOAL := help
.PHONY: help setup play train test check learn ecosystem nightly tutorial bench docs wheel format clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/ok ## make the virtual environment (uv where it can be had, pip otherwise)

$(VENV)/ok: pyproject.toml constraints.txt
	$(PYTHON) -m venv --clear $(VENV)
	$(call install,-e '.[dev]')
	touch $@

train: setup ## train the agent on the tutorial's three stages and show what it does
	$(BIN)/inwit train stages

play: setup ## watch a trained agent on a page: what it presses, knows and remembers
	$(BIN)/inwit play

test: setup ## run the fast tests
	$(BIN)/python -m compileall -q src
	$(BIN)/pytest -n 2 --dist loadfile -m "not learning and not slow and not nightly" --ignore tests/ecosystem

learn: setup ## run the tests that train agents to a threshold, compile or open a browser
	$(BIN)/pytest -n 2 --dist loadgroup -m "(learning or slow) and not nightly" --ignore tests/ecosystem

check: setup ## format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/docs-ok ## make the site of the documentation, build/site; a broken link fails
	$(BIN)/python docs/site.py

$(VENV)/docs-ok: $(VENV)/ok
	$(call install,-e '.[docs]')
	touch $@

ecosystem: $(VENV)/ecosystem-ok ## install what is optional, and run the tests that need it
	$(BIN)/pytest -n 2 --dist loadfile -m "not learning and not slow and not nightly" tests/ecosystem
	$(BIN)/pytest -n 2 -m "not learning and not nightly" tests/test_pages.py # with what their Python needs

nightly: $(VENV)/ecosystem-ok ## run everything that takes long; the same command goes on after a cut
	$(BIN)/python .ci/nightly.py

$(VENV)/ecosystem-ok: $(VENV)/ok benchmarks/requirements.txt
	$(call install,-e '.[$(EXTRAS)]' -r benchmarks/requirements.txt)
	touch $@

wheel: setup ## build the wheel, install it in a fresh environment, solve a problem there
	rm -rf build/wheel && mkdir -p build/wheel/empty
	$(BIN)/python -m pip wheel -q --no-deps --no-build-isolation -w build/wheel .
	$(PYTHON) -m venv build/wheel/venv
	UV_FIND_LINKS="$(UV_LINKS)" VIRTUAL_ENV=build/wheel/venv $(BIN)/uv pip install -q -c constraints.txt build/wheel/*.whl \
	  || build/wheel/venv/bin/python -m pip install -q -c constraints.txt build/wheel/*.whl
	cd build/wheel/empty && ../venv/bin/inwit solve "3*7+2"

format: setup ## put the code into the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

tutorial: setup ## train the published tutorial as it is and print its figures
	$(BIN)/python benchmarks/tutorial_as_published.py

bench: setup ## time an update beside other libraries and the least it can take
	$(BIN)/python benchmarks/update_speed.py

clean: ## remove what the targets made
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis build dist
