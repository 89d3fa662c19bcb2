"""The pages of the documentation, and the code on them."""
import os
import re

from .conftest import TESTS

ROOT = TESTS.parent
PAGES = sorted(
    page for pattern in ('*.md', 'docs/*.md', 'examples/*.md', 'interfaces/*/*.md')
    for page in ROOT.glob(pattern))

# The tests on the pages use the stand-in without its installation, which
# standin/tests/test_installation.py tests.
ENVIRONMENT = dict(os.environ, PYTHONPATH=str(ROOT / 'standin'))
PLUGIN = ['-p', 'juju_standin.pytest_plugin']


def blocks(page, language):
    """The blocks of code in a language on a page, such as `README.md`."""
    return re.findall(r'```{}\n(.*?)```'.format(language), (ROOT / page).read_text(),
                      re.DOTALL)


def files(page):
    """The files on a page, by the names in the text above each block."""
    page = re.sub(r'```(?:console|text).*?```', '', page, flags=re.DOTALL)
    return {re.findall(r'`([\w/]+\.(?:py|ini|yaml))`', above)[-1]: text
            for above, text in re.findall(
                r'((?:(?!```).)*?)```(?:python|ini|yaml)\n(.*?)```', page, re.DOTALL)
            if re.findall(r'`([\w/]+\.(?:py|ini|yaml))`', above)}
