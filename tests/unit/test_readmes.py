"""What the READMEs say of flags, methods, keys and handlers is what there is."""

import inspect
import json
import re
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from charms.reactive import RelationBase

ROOT = Path(__file__).parents[2]
INTERFACES = ("zookeeper", "flume-agent")
CLASSES = {
    "ZookeeperProvides": ("zookeeper", "provides"),
    "ZookeeperRequires": ("zookeeper", "requires"),
    "FlumeProvides": ("flume-agent", "provides"),
    "FlumeRequires": ("flume-agent", "requires"),
}


def section(text, heading):
    """The text below a heading, up to the next one of its level or above."""
    level = len(re.match("#+", heading).group())
    _, found, rest = text.partition(f"\n{heading}\n")
    assert found, f"no heading {heading!r}"
    return re.split(rf"\n#{{1,{level}}} ", rest)[0]


def rows(text):
    """The cells of each row of the tables in a text, headings left out."""
    lines = re.findall(r"^\| (.*?) *\|$", text, re.MULTILINE)
    table = [[cell.strip() for cell in line.split("|")] for line in lines]
    return [row for i, row in enumerate(table)
            if not row[0].startswith("---")
            and not (i + 1 < len(table) and table[i + 1][0].startswith("---"))]


def readme(interface):
    return (ROOT / "interfaces" / interface / "README.md").read_text()


@pytest.mark.parametrize("name", CLASSES)
def test_each_method_for_charms_is_in_its_table_with_its_signature(name):
    interface, role = CLASSES[name]
    cls = getattr(import_module(f"relations.{interface}.{role}"), name)
    inherited = set(dir(RelationBase))
    # `follow` is for charms.reactive to call
    methods = {
        method + re.sub("self(, )?", "", str(inspect.signature(function)))
        for method, function in inspect.getmembers(cls, inspect.isfunction)
        if not method.startswith("_") and method not in inherited}
    assert "dismiss_joining()" in methods
    table = rows(section(readme(interface), f"### Methods of `{name}`"))
    documented = [row[0].strip("`") for row in table]
    assert sorted(documented) == sorted(methods)
    for method in documented:
        assert getattr(cls, method.split("(")[0]).__doc__


@pytest.mark.parametrize("role", ["requires", "provides"])
@pytest.mark.parametrize("interface", INTERFACES)
def test_each_flag_is_in_the_table_of_each_side(interface, role):
    layer = import_module(f"relations.{interface}.flags")
    flags = [name for name, _ in layer.FLAGS[role]]
    table = rows(section(readme(interface), f"### Flags on the {role} side"))
    assert [row[0] for row in table] == ["`{endpoint}.%s`" % flag for flag in flags]
    cls = next(getattr(import_module(f"relations.{i}.{r}"), name)
               for name, (i, r) in CLASSES.items() if (i, r) == (interface, role))
    assert re.findall(r"`(\w+)`[,:]", cls.__doc__) == flags


@pytest.mark.parametrize("interface", INTERFACES)
def test_each_key_on_the_wire_is_in_the_table(interface):
    wire = import_module(f"relations.{interface}.wire")
    table = rows(section(readme(interface), "## What is published"))
    assert [(row[0], row[2]) for row in table] == [
        (f"`{key.name}`", "optional" if key.optional else "needed")
        for key in wire.KEYS]


def test_each_key_of_the_later_protocol_is_in_its_tables():
    schema = json.loads((ROOT / "interfaces/zookeeper/schema-application.json")
                        .read_text())["properties"]
    keys = [key for side in ("client", "server") for key in schema[side]["properties"]]
    table = rows(section(readme("zookeeper"), "## The later protocol"))
    assert [row[0].strip("`") for row in table] == keys


@pytest.mark.parametrize("interface", INTERFACES)
def test_the_handlers_shown_are_those_of_the_examples(interface):
    shown = re.findall(r"```python\n(.*?)```", readme(interface), re.DOTALL)
    handlers = [path.read_text()
                for path in ROOT.glob("examples/*/reactive/*.py")]
    assert len(shown) == {"zookeeper": 5, "flume-agent": 3}[interface]
    for block in shown:
        assert any(f"\n\n{block}" in text for text in handlers), block


@pytest.mark.parametrize("interface", INTERFACES)
def test_the_metadata_shown_is_that_of_the_examples(interface):
    shown = re.findall(r"```yaml\n(.*?)```", readme(interface), re.DOTALL)
    files = [path.read_text() for pattern in ("metadata", "layer")
             for path in ROOT.glob(f"examples/*/{pattern}.yaml")]
    assert len(shown) == 3
    for block in shown:
        assert any(block in text for text in files), block


@pytest.mark.parametrize("interface", INTERFACES)
def test_the_layer_index_entry_leads_to_the_layer(interface):
    entries = [json.loads(block) for block in re.findall(
        r"```json\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)]
    entry, = [entry for entry in entries if entry["id"] == interface]
    layer = yaml.safe_load((ROOT / entry["subdir"] / "interface.yaml").read_text())
    assert layer["name"] == entry["name"] == interface
    assert layer["repo"] == entry["repo"]
