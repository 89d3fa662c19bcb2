"""The pages of the documentation, and the code on them."""
import re

from .conftest import TESTS

ROOT = TESTS.parent
PAGES = sorted(
    page for pattern in ('*.md', 'docs/*.md', 'examples/*.md', 'interfaces/*/*.md')
    for page in ROOT.glob(pattern))


def blocks(page, language):
    """The blocks of code in a language on a page, such as `README.md`."""
    return re.findall(r'```{}\n(.*?)```'.format(language), (ROOT / page).read_text(),
                      re.DOTALL)
