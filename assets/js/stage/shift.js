// @ts-check
// The likeliest words of a place, alone and weighed, as bars.
import { h, tableOf, unseen } from "../dom.js";
import { percent, probability } from "../numbers.js";
import { startsWord } from "../tokens.js";
import { term } from "./term.js";

/** @typedef {import("./examine.js").Row} Row */
/** @typedef {"mark_first" | "mark_chosen" | "mark_written"} Mark */

const NO_SHIFT = 0.005;
/** @type {import("../words.js").Key<"stage">[]} */
const WORD_COLUMNS = ["word", "marginal", "corrected", "shift"];

/**
 * @param {import("./stage.js").Stage} stage
 * @param {import("./examine.js").Found} found
 */
export function shiftTable(stage, found) {
  const { lane, r, rows } = found;
  const energy = lane.hasEnergy(r);
  const shown = rows.slice(0, lane.A);
  const marked = marksOf(found);
  const body = shown.map((row) => {
    const marks = [...marked].filter(([, id]) => id === row.id).map(([name]) => mark(name, stage.say(name)));
    const word = h("span", { className: "word", textContent: stage.text.token(row.id), attr: { translate: "no" } });
    return h("tr", { className: row.id === marked.get("mark_written") ? "chosen" : "" },
      h("th", { attr: { scope: "row" } }, needsSpace(stage, row, shown) ? space() : null, word, ...marks),
      bar(row.p, "alone", probability(row.p)),
      energy ? bar(row.weighted, "weighed", percent(row.weighted), row.share) : h("td", { className: "bar" }, amount("–")),
      h("td", { className: "shift", textContent: energy ? shiftText(row.weighted - row.p) : "–" }));
  });
  return tableOf(WORD_COLUMNS.map((key) => h("th", { attr: { scope: "col" } }, term(stage, key))), body, "compare");
}

/** Which token has which mark. @param {import("./examine.js").Found} found @returns {Map<Mark, number>} */
function marksOf({ lane, r, i }) {
  // What this record wrote; while the place is still masked, what will stand there in the end.
  const written = lane.row(lane.writes[i].includes(r) ? r + 1 : lane.S)[i];
  if (!lane.hasEnergy(r)) return new Map([["mark_written", written]]);
  return new Map([["mark_first", lane.drawn(r, 0, i)], ["mark_chosen", lane.taken(r, i)], ["mark_written", written]]);
}

/**
 * Two tokens may differ by the space before the word alone.
 * @param {import("./stage.js").Stage} stage
 * @param {Row} row
 * @param {Row[]} shown
 */
function needsSpace(stage, row, shown) {
  const twins = shown.filter((other) => stage.text.token(other.id) === stage.text.token(row.id));
  return startsWord(stage.vocabulary[row.id]) && twins.length > 1;
}

/** @param {number} shift */
function shiftText(shift) {
  return Math.abs(shift) < NO_SHIFT ? "0" : `${shift > 0 ? "▲" : "▼"} ${Math.round(Math.abs(100 * shift))}`;
}

/**
 * A ring, a dot or a tick beside a word; with a label, what it means is also said.
 * @param {Mark} name
 * @param {string | null} label
 */
export function mark(name, label = null) {
  return h("span", { className: `mark ${name}`, title: label ?? "" }, label === null ? null : unseen(label));
}

const space = () => h("span", { className: "space", textContent: "␣" });

/** @param {string} text */
const amount = (text) => h("span", { className: "amount", textContent: text });

/**
 * @param {number} value 0..1
 * @param {"alone" | "weighed"} kind
 * @param {string} text
 * @param {number | null} tick
 */
function bar(value, kind, text, tick = null) {
  const fill = h("span", { className: `fill ${kind}` });
  fill.style.width = `${100 * value}%`;
  const track = h("span", { className: "track" }, fill);
  if (tick !== null) {
    const line = h("span", { className: "tick" });
    line.style.left = `${100 * tick}%`;
    track.append(line);
  }
  return h("td", { className: "bar" }, track, amount(text));
}
