"""What `import edlm_core` offers."""

from importlib import import_module

import pytest

import edlm_core


@pytest.mark.parametrize("name", edlm_core.__all__)
def test_every_public_name_loads(name):
    assert getattr(edlm_core, name).__name__ == name


def test_another_name_is_an_attribute_error_like_any_other():
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = edlm_core.nonsense
    with pytest.raises(ImportError):
        import_module("edlm_core.nonsense")
