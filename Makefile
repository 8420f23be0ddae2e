# make run    set up .venv and do the main job: every table, chart and page
# make test   set up and pass the tests
# make lab    JupyterLab on the notebooks, on this machine only
# make bench  speed against other packages, in one run (half an hour; wants an idle machine)
# make clean  take away what the others made (not .venv); make distclean takes .venv too
.DELETE_ON_ERROR:
.PHONY: run test lab bench clean distclean lock
# uv must not look for a Python of its own on the network.
export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PYTHON ?= python3
# Not the scripts in .venv/bin: their first line breaks where the checkout moves or its path has a space.
PY := .venv/bin/python

run: .venv/.ready
	$(PY) -m povstats reproduce

test: .venv/.ready
	$(PY) -m ruff check --quiet .
	$(PY) -m ruff format --check --quiet .
	$(PY) -c "from importlinter.cli import lint_imports_command as main; main()" --no-cache >.venv/fences.log 2>&1 || { cat .venv/fences.log; exit 1; }
	$(PY) -m mypy --no-error-summary
	$(PY) -m pytest -q -n auto --dist loadfile

lab: .venv/.ready
	@$(PY) -m jupyter labextension disable --level=sys_prefix "@jupyterlab/apputils-extension:announcements" >/dev/null 2>&1 || true  # its news pop-up asks the network
	$(PY) -m jupyterlab --ip=127.0.0.1 --notebook-dir=notebooks

bench: .venv/.ready
	$(PY) benchmarks/fit_speed.py
	$(PY) benchmarks/poverty_speed.py

# .ready is made last, so an interrupted set-up is taken up again; .part says that one was interrupted, and then
# everything is installed afresh, since a package may be half there.
.venv/.ready: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "povstats needs Python 3.11 or newer; name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up .venv (once; under a minute with a good connection) …"
	@test -x $(PY) && $(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv || \
	  { echo "python3 -m venv failed; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@if test -e .venv/.part; then touch .venv/.afresh; fi; touch .venv/.part
	$(PY) -m pip install --quiet uv
	. ./.ci/index.sh && VIRTUAL_ENV="$$PWD/.venv" $(PY) -m uv pip sync --quiet --compile-bytecode \
	  $$(test ! -e .venv/.afresh || echo --reinstall) requirements.lock
	. ./.ci/index.sh && VIRTUAL_ENV="$$PWD/.venv" $(PY) -m uv pip install --quiet --no-deps --editable .
	$(PY) -c "from povstats.models.speed import fill; fill()"
	@rm -f .venv/.part .venv/.afresh
	@touch $@

lock:
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --extra dev pyproject.toml -o requirements.lock

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

distclean: clean
	rm -rf .venv
