import sys

import layer_path  # noqa: F401  makes the layers importable


def pytest_configure(config):
    config.addinivalue_line('markers', 'slow: tox -e slow runs the test')


def pytest_addoption(parser):
    parser.addoption('--hooks-python', default=sys.executable,
                     help='the Python that runs hooks which are processes')
