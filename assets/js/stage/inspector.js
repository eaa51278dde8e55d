// @ts-check
// Why this word? The denoiser alone beside the drafts that the energy has weighed.
import { h } from "../dom.js";
import { percent } from "../numbers.js";
import { mark, shiftTable } from "./shift.js";
import { examine } from "./examine.js";
import { figures } from "./figures.js";

/** @typedef {import("./examine.js").Found} Found */
/** @typedef {import("./state.js").Place} Place */

/** @type {import("./shift.js").Mark[]} */
const MARKS = ["mark_first", "mark_chosen", "mark_written"];

export class Inspector {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.where = h("p", { className: "where" });
    this.status = h("p", { className: "status", attr: { translate: "no" } });
    this.table = h("div", { className: "bars" });
    this.note = h("p", { className: "note caveat" });
    this.figures = h("dl", { className: "figures" });
    // The way to the page that takes the step apart; a saved page has none.
    const way = { textContent: stage.say("diagnose"), hidden: !stage.hooks.diagnose };
    this.way = h("button", { className: "wide way", type: "button", ...way });
    const title = stage.say("inspector");
    this.element = h("section", { className: "inspector", aria: { label: title } },
      h("h3", { textContent: title }), this.where, this.status, this.table, this.note, this.figures, this.way);
  }

  /** @param {number} n @param {Place | null} at */
  show(n, at) {
    const { stage } = this;
    this.way.disabled = !at;
    if (!at) return this.#fill("", stage.say("inspector_empty"));
    this.way.onclick = () => stage.hooks.diagnose?.({ lane: at.lane, step: n, position: at.position });
    const found = examine(stage, n, at);
    const { lane, i } = found;
    const where = stage.say("inspector_where", { lane: stage.nameOf(lane), i: i + 1 });
    if (lane.isFixed(i)) return this.#fill(where, stage.say("inspector_fixed"));
    if (lane.S === 0) return this.#fill(where, stage.say("inspector_empty"));
    if (found.rows.length === 0) return this.#fill(where, stage.say("inspector_later"));
    this.#fill(where, `${this.#when(n, found)} ${this.#story(n, found)}`, found);
  }

  /** @param {string} where @param {string} status @param {Found | null} found */
  #fill(where, status, found = null) {
    const { stage } = this;
    const how = h("span", { className: "note", textContent: where && stage.say(this.#how()) });
    this.where.replaceChildren(h("strong", { textContent: where }), " ", how);
    this.status.textContent = status;
    this.table.replaceChildren(...(found ? [shiftTable(stage, found)] : []));
    this.note.replaceChildren(...(found ? this.#caveat(found) : []));
    this.figures.replaceChildren(...(found ? figures(stage, found) : []));
  }

  #how() {
    const { locked, hovered } = this.stage.state;
    if (locked) return "inspector_locked";
    if (hovered) return "inspector_hover";
    return this.stage.lanes.some((lane) => lane.corrects) ? "inspector_auto" : "inspector_auto_plain";
  }

  /** @param {number} n @param {Found} found */
  #when(n, { lane, i, r }) {
    if (lane.token(n, i) === lane.mask) return this.stage.say("inspector_masked", { n });
    return this.stage.say("inspector_revealed", { n: lane.stateAfter(r) });
  }

  /** @param {number} n @param {Found} found */
  #story(n, { lane, i, r, rows }) {
    const { stage } = this;
    const alone = rows.reduce((best, row) => (row.p > best.p ? row : best));
    const values = { marginal: stage.text.token(alone.id), p: percent(alone.p) };
    if (!lane.hasEnergy(r)) return stage.say("story_alone", values);
    const [preferred, written] = [rows[0], lane.token(n, i)];
    const texts = {
      ...values,
      corrected: stage.text.token(preferred.id),
      q: percent(preferred.weighted),
      written: stage.text.token(written),
      w: percent(rows.find((row) => row.id === written)?.weighted ?? 0),
    };
    // The energy weighs, and a draft is drawn by weight: what is written need not be what it prefers.
    if (written !== lane.mask && written !== preferred.id) return stage.say("story_drawn", texts);
    return stage.say(preferred.id === alone.id ? "story_same" : "story_shift", texts);
  }

  /** @param {Found} found */
  #caveat({ lane, r }) {
    const { words } = this.stage;
    const energy = lane.hasEnergy(r);
    const shown = MARKS.filter((name) => energy || name === "mark_written");
    const keys = shown.map((name) =>
      h("span", { className: "key" }, mark(name), h("span", { textContent: words.say(name) })));
    return [h("span", { className: "marks" }, ...keys), `${words.say("exact")} ${this.#source(lane, r)}`];
  }

  /** @param {import("../lane.js").Lane} lane @param {number} r */
  #source(lane, r) {
    const { words } = this.stage;
    if (!lane.corrects) return words.say("no_energy");
    if (!lane.hasEnergy(r)) return words.say("no_energy_here");
    return words.count("estimated", lane.drafts(r), { K: lane.drafts(r) });
  }
}
