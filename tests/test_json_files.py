"""JSON from outside: what is wrong with it is said by kind and place, in words of ours."""

from typing import Annotated

import pytest
from msgspec import Meta, Struct

from edlm_core.config import SampleConfig
from edlm_core.json_files import parse_json
from edlm_core.refusals import Refusal


class Inner(Struct, forbid_unknown_fields=True):
    count: Annotated[int, Meta(ge=1)]


class Outer(Struct):
    rows: Annotated[list[Inner], Meta(min_length=1)]
    pair: tuple[int, int] = (0, 0)
    config: SampleConfig | None = None
    kind: Annotated[str, Meta(pattern="^[a-z]+$")] = "a"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is not JSON"),
        (b"{", "it is not JSON"),
        (b'{"rows": [{"count": 1}]} x', "it is not JSON"),
        (b'{"kind": "\xff"}', "it is not JSON"),
        (b'{"more": ' + b"[" * 100_000, "it is nested too deeply"),
        (b"[]", "$: expected the type object, got array"),
        (b"{}", "$: rows is missing"),
        (b'{"rows": []}', "$.rows: expected a length >= 1, got another"),
        (b'{"rows": [{}]}', "$.rows[0]: count is missing"),
        (b'{"rows": [{"count": "1"}]}', "$.rows[0].count: expected the type int, got str"),
        (b'{"rows": [{"count": 0}]}', "$.rows[0].count: expected a number >= 1, got another"),
        (b'{"rows": [{"count": 1, "more": 1}]}', "$.rows[0]: more is not known"),
        (b'{"rows": [{"count": 1}], "pair": [1]}', "$.pair: expected a length 2, got another"),
        (b'{"rows": [{"count": 1}], "kind": "A"}', "$.kind: expected another value"),
        (b'{"rows": [{"count": 1}], "config": {"num_steps": 0}}', "$.config: steps: expected a whole number from 1 to"),
    ],
)
def test_what_is_wrong_is_said_by_kind_and_place(data, said):
    with pytest.raises(Refusal) as raised:
        parse_json(data, Outer)
    assert str(raised.value).startswith(said)
