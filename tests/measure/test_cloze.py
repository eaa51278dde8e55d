"""Blanks with a known answer: what the rules say of planted words, and of what a model fills in."""

import json
import math

import pytest

from edlm_core.__main__ import main
from edlm_core.config import Request, SampleConfig
from edlm_core.measure.cloze import Cloze, Filling, Template, templates
from edlm_core.measure.filling_in import fill_in, words_in

FITTING, CONTRADICTING, OFF = Filling


@pytest.mark.parametrize(
    ("rule", "text", "words", "filling"),
    [
        ("pronoun", "It is about {name} and {his} ball.", ("Lily", "her"), FITTING),
        ("pronoun", "It is about {name} and {his} ball.", ("Lily", "his"), CONTRADICTING),
        ("pronoun", "It is about {name} and {his} ball.", ("Sam", "his"), FITTING),
        ("pronoun", "It is about {name} and {his} ball.", ("Sam", "her"), FITTING),
        ("pronoun", "It is about {name} and {his} ball.", ("Lily", "she"), OFF),
        ("pronoun", "It is about {name} and {his} ball.", ("ily", "her"), OFF),
        ("pronoun", "The {child} {name} lost {his} hat.", ("boy", "Tom", "her"), CONTRADICTING),
        ("number", "There {was} {one} {thing}.", ("were", "two", "cats"), FITTING),
        ("number", "There {was} {one} {thing}.", ("was", "two", "cats"), CONTRADICTING),
        ("number", "I have {one} {thing}.", ("my", "cats"), FITTING),
        ("number", "I have {one} {thing}.", ("my", "cat"), FITTING),
        ("again", "A {thing} is a {thing}.", ("ball", "ball"), FITTING),
        ("again", "A {thing} is a {thing}.", ("ball", "balls"), CONTRADICTING),
        ("opposite", "Not {quality}, but {quality}.", ("tall", "tiny"), FITTING),
        ("opposite", "Not {quality}, but {quality}.", ("tiny", "tall"), FITTING),
        ("opposite", "Not {quality}, but {quality}.", ("tall", "big"), CONTRADICTING),
        ("opposite", "Not {quality}, but {quality}.", ("tall", "wet"), CONTRADICTING),
        ("opposite", "{quality}, {quality}, {quality}, {quality}.", ("hot", "cold", "wet", "dry"), FITTING),
        ("opposite", "{quality}, {quality}, {quality}, {quality}.", ("hot", "wet", "cold", "dry"), CONTRADICTING),
        ("counting", "{n}, {n}, {n}", ("two", "three", "four"), FITTING),
        ("counting", "{n}, {n}, {n}", ("three", "two", "one"), CONTRADICTING),
        ("counting", "{n}, {n}, {n}", ("one", "two", "two"), CONTRADICTING),
    ],
)
def test_a_rule_tells_what_fits_from_what_contradicts(rule, text, words, filling):
    assert Template(rule, 1, text).check(words) is filling


def test_every_template_can_be_filled_so_that_it_fits_and_so_that_it_does_not():
    """Words of one meaning for each rule, and a second filling with one word changed."""
    fits = {
        "pronoun": {"name": "Lily", "child": "girl", "adult": "woman", "royal": "queen", "he": "she", "him": "her"}
        | {"his": "her"},
        "number": {"one": "two", "was": "were", "is": "are", "it": "them", "thing": "dogs"},
        "again": {"thing": "kite"},
    }
    other = {"she": "he", "her": "his", "dogs": "dog", "kite": "boat", "big": "wet", "one": "two"}
    assert len(templates()) >= 200
    assert len(set(templates())) == len(templates())
    for template in templates():
        roles = template.roles
        if template.rule == "opposite":
            words = ["big", "small"] * (len(roles) // 2)
        elif template.rule == "counting":
            words = ["one", "two", "three", "four", "five"][: len(roles)]
        else:
            words = [fits[template.rule][role] for role in roles]
        assert template.check(words) is FITTING, template
        n = next(n for n, word in enumerate(words) if word in other)
        if roles[n] == "him":
            words[n] = "him"
        else:
            words[n] = other[words[n]]
        assert template.check(words) is CONTRADICTING, template
        assert len(roles) > 1
        assert template.text[-1] in ".!?"  # what follows the last blank is visible
        assert not template.text.startswith("{")  # each word brings its space


def test_only_a_whole_word_is_a_word(tales):
    ids = tales.tokenizer.encode("The cats played, and the cat ran")
    said = words_in(tales.tokenizer, ids, range(len(ids)))
    assert said[0] == ""  # without a space before it
    assert "cat" in said
    assert "," not in said


def test_shares_and_their_intervals_are_those_of_the_templates():
    rows = ((FITTING, FITTING), (FITTING, OFF), (CONTRADICTING, OFF), (OFF, OFF))
    texts = (("", ""),) * 4
    chosen = tuple(Template("again", level, "A {thing}, a {thing}.") for level in (1, 1, 2, 3))
    cloze = Cloze(Request("mdlm", "ar", SampleConfig(), "_"), chosen, rows, texts)
    mean, half = cloze.share()
    assert mean == 3 / 8  # 1, 1/2, 0, 0
    assert half == pytest.approx(3.182 * math.sqrt((0.390625 + 0.015625 + 2 * 0.140625) / 3 / 4))
    assert cloze.share(CONTRADICTING)[0] == 1 / 8
    assert cloze.share(OFF)[0] == 1 / 2
    assert cloze.share(level=1)[0] == 3 / 4
    assert (cloze.has(level=1), cloze.has(level=2), cloze.has(rule="number")) == (True, False, False)
    share, low, high = cloze.agreement()
    assert share == 3 / 4
    assert 0 <= low < share < high <= 1
    assert cloze.difference(cloze) == (0, 0)


def test_a_model_that_knows_one_text_fills_every_blank_with_it(tiny):
    """Both blanks hold what the text has, whatever the sampler: the places are those of the template."""
    chosen = [template for template in templates() if template.level == 1][:3]
    config = SampleConfig(num_steps=2, num_candidates=2, num_chains=2, seed=3)
    requests = [Request(sampler, "ar", config, "_") for sampler in ("mdlm", "edlm", "ar")]
    found = list(fill_in(tiny, requests, chosen))
    assert [cloze.request.sampler for cloze in found] == ["mdlm", "edlm", "ar"]
    for cloze in found:
        assert [len(row) for row in cloze.fillings] == [2, 2, 2]
        for template, texts in zip(chosen, cloze.texts, strict=True):
            assert all(text.startswith(template.text.split("{")[0]) for text in texts)
            assert all(text.endswith(template.text.split("}")[-1]) for text in texts)


def test_the_command_answers_in_json_and_refuses_too_few(tiny_folder, capsys):
    asked = ["cloze", "--model", str(tiny_folder), "--samplers", "mdlm", "edlm", "--num", "2", "--json"]
    main([*asked, "--texts", "--rules", "again", "--levels", "1"])
    answer = json.loads(capsys.readouterr().out)
    assert answer["templates"] == 15
    for row in answer["rows"]:
        assert sum(share for share, _half in row["shares"].values()) == pytest.approx(1)
        assert len(row["texts"]) == 30
    assert answer["rows"][0]["against_first"] == [0, 0]
