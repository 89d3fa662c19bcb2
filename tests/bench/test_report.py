"""What the README says of the price is what the layers' table says, and was written
by the benchmark."""
from . import report


def test_the_section_is_the_benchmarks():
    text, figures = report.read()
    assert text == report.section(figures)


def test_the_layers_figures_are_within_the_price():
    _, figures = report.read()
    assert list(report.too_dear(figures)) == []
    naive = {(role, hook, {'this': 'naive', 'naive': 'this'}[layer]): row
             for (role, hook, layer), row in figures.items()}
    assert list(report.too_dear(naive)) != []
