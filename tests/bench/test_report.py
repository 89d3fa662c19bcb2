"""What the README says of performance is what was measured."""
from bench import report


def test_the_readme_says_what_was_measured():
    text = report.README.read_text()
    assert text.count(report.BEGIN) == text.count(report.END) == 1
    shown = text.partition(report.BEGIN)[2].partition(report.END)[0]
    assert shown == report.section(report.Run.load())
