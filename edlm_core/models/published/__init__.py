"""Public checkpoints in their own layout, config.json and safetensors: read by networks of ours, never by their code.

    layout.py    which family a folder is of, and its network, ready for use
    llama.py     LLaDA and Dream: the one small Transformer, unmasked, under other names
    dit.py       MDLM's denoiser and its left-to-right baseline: a network of its own
    parity.py    whether a network answers as the published code did

A folder may hold code (`auto_map` in its config.json names some); nothing here looks at it.
"""
