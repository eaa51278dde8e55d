"""Texts over HTTP, in the form of OpenAI's completions, from the same threads and turns that the pages use.

    app.py         the addresses, and what each answers               START here
    wire.py        what comes in and what goes out, field by field
    completion.py  from a body to tasks, and from their texts to choices
    loaded.py      the models that are served, each with the thread that owns it
    gauges.py      what /metrics counts
    problems.py    how it says no

It needs requirements-service.txt.
"""
