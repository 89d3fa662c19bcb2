"""The page about the cost of hooks agrees with the layers' table of reads."""
from . import report


def test_page_contains_the_generated_section():
    text, figures = report.read_section()
    assert text == report.section(figures)


def test_figures_on_the_page_have_the_expected_calls():
    _, figures = report.read_section()
    assert list(report.wrong_counts(figures)) == []
    naive = {(role, hook, {'this': 'naive', 'naive': 'this'}[layer]): row
             for (role, hook, layer), row in figures.items()}
    assert list(report.wrong_counts(naive)) != []
