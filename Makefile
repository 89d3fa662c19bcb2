# Needs Python 3.10 or newer, make and git. Everything else is installed in .venv
# and .tox.

PYTHON ?= python3
TOX = .venv/bin/tox

.PHONY: demo test common e2e pictures clean

demo: $(TOX)
	@echo 'Installing the packages for the demo in .tox; the first run takes a while'
	$(TOX) -e demo

test: $(TOX)
	$(TOX)

# Each layer contains a copy of the code that both share.
common:
	for layer in zookeeper flume-agent; do \
	    rm -rf interfaces/$$layer/common; \
	    mkdir interfaces/$$layer/common; \
	    cp interfaces/common/*.py interfaces/$$layer/common; \
	done

# End-to-end tests with real servers: needs Java, Maven and Debian's ZooKeeper.
e2e: $(TOX)
	$(TOX) -q -e e2e

# Plots of the last end-to-end run, for the documentation.
pictures:
	.tox/e2e/bin/python tests/e2e/plot.py docs

$(TOX):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and ( \
	    "this needs Python 3.10 or newer, and $(PYTHON) is %s.%s: " \
	    "make PYTHON=<a newer one>" % sys.version_info[:2]))'
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check 'tox>=4.22'

clean:
	rm -rf .venv .tox build examples/build .hypothesis .pytest_cache .coverage
