# Needs Python 3.10 or newer, make and git; the rest is installed below .venv
# and .tox.

PYTHON ?= python3
TOX = .venv/bin/tox

.PHONY: demo test clean

demo: $(TOX)
	$(TOX) -q -e demo

test: $(TOX)
	$(TOX)

$(TOX):
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check 'tox>=4.22'

clean:
	rm -rf .venv .tox build .hypothesis .pytest_cache .coverage
