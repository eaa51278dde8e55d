"""Refusals of models: the machine, and the folders that they come from."""

from __future__ import annotations

from ..messages import N_, Counted

MESSAGES: dict[str, str | Counted] = {
    # the machine
    "dtype": N_("EDLM_DTYPE: expected one of {known}, got {got!r}: choose one of these"),
    # model folders
    "model-unknown": N_("model: expected a bundled model ({known}) or a folder, got {got}: choose one of these"),
    "model-file-missing": N_("expected {path}, found no such file: {way_out}"),
    "model-config": N_("{path} does not describe a network named '{kind}' as expected ({reason}): {way_out}"),
    "model-vocabulary": Counted(
        "V",
        "expected {kind} to have {V} token, as tokenizer.json has, got {got} in {path}: {way_out}",
        "expected {kind} to have {V} tokens, as tokenizer.json has, got {got} in {path}: {way_out}",
    ),
    "model-together": N_(
        "{path}: expected the weights of {kind} to be made for this tokenizer.json and source_ids.json, got others, or "
        "they were changed since: {way_out}"
    ),
    "weights-too-large": N_("expected at most {most} MiB in {path}, got more: this is not a small model"),
    "weights-pointer": N_(
        "{path}: expected weights, found a pointer of Git LFS to them: fetch the file itself, with `git lfs pull`"
    ),
    "published-config": N_("{path}: {reason}"),
    "published-memory": N_(
        "{path}: expected weights that fit into memory, they take {needed} GB in {dtype} and {free} GB are free: say "
        "--dtype bfloat16, or use a machine with more memory"
    ),
    "published-pickle": N_(
        "expected weights as model.safetensors, found {path}, which could run code: convert it to safetensors where "
        "you trust it"
    ),
    "published-index": N_("{path}: expected the names of files beside it, got {got}: fetch the folder again"),
    "import-folder": N_("path: expected a folder with config.json and safetensors, got {got}: check the name"),
    "parity-names": N_("expected an input and an answer (of {expected}), got {got}: choose the file of answers"),
    "parity-ids": N_("expected ids (B, L) from 0 to {most} as the input, got others: were the answers made for this?"),
    "parity-shape": N_("{name}: expected the shape {expected}, got {got}: were the answers made for this model?"),
    "parity-sigma": N_(
        "logits_sigma: expected a noise level for each text as `sigma`, and a model that is told it: leave it out"
    ),
    "weights-dtype": N_("{path}: expected weights in BF16, F16 or F32, got {dtype} in {name}"),
    "weights-no-numbers": N_(
        "{path}: expected weights from -{largest} to {largest}, got others, or no numbers, in {name}"
    ),
    "source-ids-range": N_("source_ids.json: expected ids from 0 to {most}, SmolLM2's last, got {got}"),
    "smollm2-missing": N_("expected the weights of SmolLM2-135M, found none: {how}"),
    "embedder-missing": N_("expected the weights of all-MiniLM-L6-v2, found none: {how}"),
    "text-energy-tokenizer": N_(
        "text energy: expected a fast tokenizer with a first token, got none: choose another model"
    ),
    "text-energy-long": N_("text energy: expected at most {most} of its tokens, got {got}: shorten the text"),
    "text-energy-folder": N_(
        "text energy: expected a causal language model in safetensors in that folder, got {name} ({reason}): "
        "give a folder that holds one"
    ),
    "text-energy-missing": N_(
        "text energy: expected a causal language model in safetensors on this machine, got {name} ({reason}): "
        "give a folder that holds one"
    ),
    "network-sizes": N_("network: expected inputs, width, depth, heads, kv_heads and hidden of at least 1, got {got}"),
    "network-heads": N_(
        "network: expected 2 x heads ({heads}) to divide width ({width}) and kv_heads ({kv_heads}) to divide heads"
    ),
}
