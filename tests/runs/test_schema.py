"""The run file's types, its table of arrays and docs/run-file.md say the same."""

import json
import re
from pathlib import Path

import msgspec
import numpy as np
import pytest
from msgspec import inspect

from edlm_core.runs.run_file import MAX_BYTES, load_run, save_run, to_wire
from edlm_core.runs.schema import ALTERNATIVES, COLUMNS, Lane, ModelName, Run, column_table, lane_array, pack

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "run-file.md").read_text(encoding="utf-8")
BUNDLED = sorted((ROOT / "assets" / "runs").glob("*.json"))


def words(kind):
    """A type as the page spells it."""
    if isinstance(kind, inspect.IntType | inspect.FloatType):
        low, high = kind.ge, kind.le if kind.le is not None else kind.lt and kind.lt - 1
        return f"{'integer' if isinstance(kind, inspect.IntType) else 'number'}, {low:.10g} to {high:.10g}"
    if isinstance(kind, inspect.StrType):
        return f"text of at most {kind.max_length} characters" if kind.max_length else "base64"
    if isinstance(kind, inspect.UnionType):
        return " or ".join(words(part) for part in kind.types)
    if isinstance(kind, inspect.LiteralType):
        return " or ".join(json.dumps(value) for value in kind.values)
    if isinstance(kind, inspect.ListType):
        bounds = f"{kind.min_length} to {kind.max_length} of " if kind.max_length else "list of "
        return bounds + words(kind.item_type)
    if isinstance(kind, inspect.DictType):
        return f"at most {kind.max_length} names, each with: {words(kind.value_type)}"
    if isinstance(kind, inspect.StructType | inspect.DataclassType):
        return f"object, {kind.cls.__name__}"
    return {inspect.NoneType: "null", inspect.BoolType: "true or false"}[type(kind)]


@pytest.mark.parametrize("struct", [Run, ModelName, Lane])
def test_the_page_has_a_row_for_each_field_with_its_type_and_range(struct):
    arrays = COLUMNS if struct is Lane else ()
    fields = [field for field in inspect.type_info(struct).fields if field.name not in arrays]
    section = PAGE.split(f"## {struct.__name__}\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \| (.*?) \|", section, re.MULTILINE) == [
        (field.encode_name, words(field.type)) for field in fields
    ]


def test_the_page_has_the_table_of_arrays():
    section = PAGE.split("## Arrays\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| `(\S+)` \| (.*?) \| (\w+) \|", section, re.MULTILINE)
    assert rows == [(c["name"], c["dtype"], ", ".join(c["axes"]), str(c["fill"])) for c in column_table()]
    assert f"A = {ALTERNATIVES}" in section
    assert f"{MAX_BYTES >> 20} MiB" in PAGE


def test_the_table_of_arrays_is_plain_json():
    assert json.loads(json.dumps(column_table())) == column_table()
    assert [column["name"] for column in column_table()] == list(COLUMNS)


def test_the_smallest_file_of_the_page_opens():
    run = load_run(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL).group(1).encode())
    assert run.complete
    assert "".join(run.vocabulary[i] for i in lane_array(run.lanes[0], "x")[-1]) == "Hi"


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.stem)
def test_a_bundled_file_is_written_again_byte_for_byte(path):
    data = path.read_bytes()
    run = load_run(data)
    assert run.complete
    assert save_run(run) == data
    assert json.loads(json.dumps(to_wire(run))) == json.loads(data)


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_an_array_comes_out_as_it_was_packed(name):
    lane = load_run(BUNDLED[0].read_bytes()).lanes[1]
    array = lane_array(lane, name)
    assert array.dtype == np.dtype(COLUMNS[name].dtype)
    assert pack(array, COLUMNS[name].dtype) == getattr(lane, name)


def test_a_run_cannot_be_changed():
    run = load_run(BUNDLED[0].read_bytes())
    with pytest.raises(AttributeError):
        run.title = "another"
    assert msgspec.structs.replace(run, title="another").lanes is run.lanes
