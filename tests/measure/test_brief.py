"""The page for the meeting: sentences that go by the numbers, and what it is written as."""

import io
import re

import pytest
from pptx import Presentation

from edlm_core.measure.board import Board, lines
from edlm_core.measure.brief.content import brief
from edlm_core.measure.brief.markdown import markdown
from edlm_core.measure.brief.sheet import sheet
from edlm_core.measure.brief.slide import slide
from edlm_core.measure.brief.voice import ENGLISH, Voice
from edlm_core.measure.filled import Filled
from edlm_core.measure.kpis import KPIS, Sample

from ..trials import planted

FILLED = Filled(
    share=0.6,
    half=0.05,
    templates=225,
    texts=900,
    first_seed=0,
    weights="abc123",
    device="cpu",
    dtype="float32",
    threads=2,
    processor="A processor",
    date="2026-11-26",
    command="python -m edlm_core cloze --keep",
)
PLAIN = [3.0 + 0.05 * (n % 5) for n in range(16)]
EASY = {"nll": 9.0, "repetition": 0.5, "rate": 0.1, "p50": 99.0, "p95": 99.0, "cost": 99.0, "similarity": 0.0}


def sample(nll=PLAIN, seconds=0.4, sampler="corrector", **more):
    return Sample(planted(sampler, nll, seconds), "smollm2", price=2.0, **more)


def made(board=None, samples=None, names=("A", "B"), voice=ENGLISH):
    samples = samples or (sample([nll - 0.4 for nll in PLAIN]), sample(seconds=0.1, sampler="mdlm"))
    board = board or Board("own", "other" if len(samples) > 1 else None)
    return brief(board, lines(board, *samples), samples, names[: len(samples)], "0123abcd", voice)


def said(own, other=None, **targets):
    board = Board("own", price=2.0, targets=EASY | targets)
    return [sentence.text for sentence in made(board, (own, *filter(None, [other]))).say]


# ── what is said ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("shift", "words"),
    [
        (-0.4, "A reads better than B: in 100% of 16 pairs of texts (95% interval 81% to 100%), judged by SmolLM2."),
        (0.4, "A reads worse than B: it is the better one in only 0% of 16 pairs"),
        (0.0, "Whether A reads better than B cannot be told yet: it does in 0% of 16 pairs"),  # nor is it worse
    ],
)
def test_quality_goes_by_the_pairs(shift, words):
    assert words in said(sample([nll + shift for nll in PLAIN]), sample())[0]


def test_an_interval_that_holds_half_of_the_pairs_tells_nothing():
    even = [nll + (0.1 if n % 2 else -0.1) for n, nll in enumerate(PLAIN)]
    text = said(sample(even), sample())[0]
    assert text.startswith("Whether A reads better than B cannot be told yet: it does in 50% of 16 pairs of texts")
    assert "(95% interval 28% to 72%)" in text


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (3.5, "A reads as well as was asked: 3.09 nats per token (3.05 to 3.13) by SmolLM2, target 3.50."),
        (2.0, "A does not read as well as was asked: 3.09"),
        (3.1, "Whether A reads as well as was asked cannot be told yet: 3.09"),
    ],
)
def test_alone_quality_goes_by_the_target(target, words):
    assert said(sample(), nll=target)[0].startswith(words)


def test_of_a_judge_that_was_not_there_nothing_is_said():
    assert said(sample([None] * 4))[0] == "How well A reads has not been measured by SmolLM2."


@pytest.mark.parametrize(
    ("own", "other", "words"),
    [
        (0.4, 0.1, "It takes 3.2 times as long (nine batches in ten: 2.8 to 3.9): 0.4"),
        (0.1, 0.4, "It takes only 0.31 times as long"),
        (0.4, 0.4, "Whether it is slower cannot be told: it takes 1.0 times as long"),
    ],
)
def test_speed_goes_by_the_batches(own, other, words):
    text = said(sample(seconds=own), sample(seconds=other))[1]
    assert text.startswith(words)
    assert text.endswith("at 2.00 an hour.")


@pytest.mark.parametrize(
    ("target", "words"),
    [(1.0, "It is quick enough: 2.30 texts a second"), (9.0, "It is too slow"), (2.3, "Whether it")],
)
def test_alone_speed_goes_by_the_target(target, words):
    assert said(sample(), rate=target)[1].startswith(words)


def test_the_advice_is_a_pilot_only_where_all_that_was_measured_is_met():
    many = sample([3.0] * 144)  # so many that a 95th percentile has an interval
    assert said(many)[2] == (
        "First a pilot on a limited use, measured by quality and speed: all 6 targets that were measured are met."
    )
    assert said(sample())[2] == (
        "At most a small pilot on a limited use, measured by quality and speed: 1 of 6 targets cannot be told yet, the "
        "others are met."
    )
    assert said(sample([3.0]))[2].startswith("Too early for a pilot, even on a limited use: of none of the 6 targets")
    assert said(many, nll=2.0)[2] == (
        "Not a pilot yet: 1 of 6 targets is not met, “Judge NLL”; mend that, and measure quality and speed again."
    )
    assert "2 of 6 targets are not met, “Cost of 1,000 texts” most of all" in said(many, nll=2.0, cost=0.01)[2]


def test_every_sentence_passes_through_the_translation():
    loud = Voice("xx", str.upper, lambda one, many, n: (one if n == 1 else many).upper())
    with pytest.raises(KeyError):  # the names of values are letters too, so a message is proven by what it lacks
        made(voice=loud)
    kept = Voice("xx", lambda text: f"«{text}»", lambda one, many, n: f"«{one if n == 1 else many}»")
    told = made(voice=kept)
    texts = [told.title, told.subtitle, told.picture, *told.headings, *told.how, *(note.text for note in told.notes)]
    texts += [sentence.text for sentence in told.say]
    assert not [text for text in texts if not text.startswith("«")]


# ── what it is written as ────────────────────────────────────────────────────────
def test_every_figure_leads_to_its_rows():
    told = made(samples=(sample(filled=FILLED), sample(sampler="mdlm")))
    assert {cell.notes for row in told.table for cell in row[2:4] if "not measured" not in cell.text} == {
        (1,),
        (2,),
        (3,),
    }
    assert [sentence.notes for sentence in told.say] == [(1, 2), (1, 2), (1, 3)]
    first, second, third = told.notes
    assert first.text == (
        "A: 16 texts of the setting corrector-16-8, seeds 0 to 15; weights abc123, cpu, float32, threads: 2, "
        "A processor, 2026-11-26."
    )
    assert "--sampler corrector" in first.command
    assert "mdlm-16-1" in second.text
    assert (third.text.startswith("Blanks, A: 900 texts of 225 templates"), third.command) == (True, FILLED.command)


def test_what_was_not_measured_says_how_to():
    told = made(samples=(sample(),))
    assert [line.partition(":")[0] for line in told.missing[:-1]] == [
        "Blanks filled consistently",
        "Neighbouring sentences alike",
        "Word pairs that go together",
        "Broken words",
    ]
    assert "--samplers corrector --steps 16 --reveal dilated --energy ar --candidates 8" in told.missing[0]
    assert len(told.table) + 4 == len(KPIS)
    assert len(told.bars) == len(told.table)


def test_a_judge_that_took_part_is_named():
    rows = planted("edlm", PLAIN, 0.1, ar=2.0)
    told = made(Board("own", judge="ar"), (Sample(rows, "ar", 1.0),))
    assert told.care == ("small autoregressive model took part in writing A: its figure flatters, ask another judge.",)


HOSTILE = '<script>alert("&")</script> | *bold* [x](y) \x1b[31m\n`code`'


def test_the_sheet_has_no_script_and_nothing_from_elsewhere():
    page = sheet(made(names=(HOSTILE, "B")))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\x1b" not in page
    assert not re.search(r"(?:src|href)=\"(?!#n\d)", page)
    assert "url(" not in page
    assert "default-src 'none'" in page
    assert re.findall(r'<li id="(n\d)">', page) == ["n1", "n2"]
    assert set(re.findall(r'href="#(n\d)"', page)) == {"n1", "n2"}
    assert "0123abcd" in page


def test_the_picture_says_what_it_shows_and_marks_states_by_shape():
    targets = {"nll": 2.0, "repetition": 0.0}
    page = sheet(made(Board("own", targets=EASY | targets), (sample(),)))
    svg = page[page.index("<svg") : page.index("</svg>")]
    assert svg.count("<path") == 2  # not met: crosses
    assert svg.count("<circle") == 4
    assert svg.count('fill="#fff"') == 1  # p95 of eight batches can't be told
    assert "<title>How far towards its target" in svg
    assert "65%" in svg  # 2 / 3.1
    assert "0%</text>" in svg


def test_markdown_keeps_its_tables_and_its_signs():
    text = markdown(made(names=(HOSTILE, "B")))
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}
    assert "\\<script\\>" in text
    assert "\x1b" not in text
    assert text.count("[^1]:") == 1
    assert "SHA-256 0123abcd" in text


def test_the_slide_has_real_text_and_a_chart_with_its_numbers():
    told = made(names=(HOSTILE, "B"))
    (page,) = Presentation(io.BytesIO(slide(told))).slides
    texts = [shape.text_frame.text for shape in page.shapes if shape.has_text_frame]
    assert texts[0] == told.title
    assert all(any(sentence.text[-40:] in text for text in texts) for sentence in told.say[1:])
    (chart,) = [shape.chart for shape in page.shapes if shape.has_chart]
    (series,) = chart.plots[0].series
    assert list(series.values) == pytest.approx([min(bar.value, 10) for bar in told.bars[::-1]])
    assert list(chart.plots[0].categories)[-1] == f"Judge NLL: {told.bars[0].said}"
    notes = page.notes_slide.notes_text_frame.text
    assert "corrector-16-8" in notes
    assert "0123abcd" in notes
