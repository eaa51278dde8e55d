// @ts-check
// What it took, what came out: a row a measure, a column a lane.
import { h, heading, tableOf, unseen } from "../dom.js";
import { fixed, percent } from "../numbers.js";
import { term } from "./term.js";

/** @typedef {import("../lane.js").Lane} Lane */

/** Row -> the measure's name in a run file. */
const RECORDED = {
  smollm2: "judge_nll_smollm2",
  ar: "judge_nll_ar",
  entropy: "entropy",
  repeated: "repeated_words",
  changed: "changed",
};
/** @typedef {"strip_calls" | "strip_scored" | "strip_seconds" | `strip_${keyof typeof RECORDED}`} RowKey */
const NAMES = /** @type {(keyof typeof RECORDED)[]} */ (Object.keys(RECORDED));

export class Strip {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    const title = stage.say("strip");
    this.table = h("div");
    this.notes = h("div", { className: "notes" });
    this.element = h("section", { className: "strip", aria: { label: title } },
      h("h3", { textContent: title }),
      this.table,
      this.notes);
  }

  load() {
    const { stage } = this;
    const { lanes, data } = stage;
    const where = stage.run.software?.processor;
    const seconds = where ? stage.say("strip_seconds_where", { where }) : stage.say("strip_seconds_nowhere");
    const rows = [
      this.#row("strip_calls", stage.say("strip_calls_note"), (lane) => this.#calls(lane)),
      this.#row("strip_scored", stage.say("strip_scored_note"), (lane) => this.#scored(lane)),
      this.#row("strip_seconds", seconds, ({ raw }) => h("td", { textContent: fixed(raw.seconds) })),
      ...NAMES.map((name) => this.#row(`strip_${name}`, stage.say(`strip_${name}_note`), (lane) => this.#measure(lane, name))),
    ];
    const names = lanes.map((lane) => heading(stage.nameOf(lane)));
    this.table.replaceChildren(tableOf([heading(stage.say("strip_measure")), ...names], rows));
    const notes = [...(data.notes ?? []), stage.say("strip_directions")];
    this.notes.replaceChildren(...notes.map((note) => h("p", { className: "note", textContent: note })));
  }

  /**
   * @param {RowKey} key
   * @param {string} note
   * @param {(lane: Lane) => HTMLElement} cell
   */
  #row(key, note, cell) {
    const { stage } = this;
    const name = h("th", { attr: { scope: "row" } }, term(stage, key), h("small", { textContent: note }));
    return h("tr", { data: { name: key } }, name, ...stage.lanes.map(cell));
  }

  /** @param {Lane} lane */
  #calls({ raw }) {
    const { denoiser_calls: writing, energy_calls: energy } = raw;
    return h("td", { textContent: energy ? this.stage.say("strip_calls_both", { writing, energy }) : fixed(writing, 0) });
  }

  /** A call of the energy reads all drafts of its step: what it costs is their number. @param {Lane} lane */
  #scored(lane) {
    const { stage } = this;
    if (!lane.corrects) return absent(stage.say("strip_no_energy"));
    const tokens = stage.words.count("strip_tokens", lane.scored * lane.L, { count: fixed(lane.scored * lane.L, 0) });
    return h("td", {}, fixed(lane.scored, 0), h("small", { textContent: tokens }));
  }

  /** @param {Lane} lane @param {keyof typeof RECORDED} name */
  #measure({ raw, sampler, corrects }, name) {
    const { stage } = this;
    if (name === "changed" && !corrects) return absent(stage.say("strip_no_energy"));
    const value = raw.measures[RECORDED[name]];
    if (value === undefined) return absent(stage.say(stage.data.live ? "strip_later" : "strip_unmeasured"));
    if (name === "repeated" || name === "changed") return h("td", { textContent: percent(value) });
    const own = stage.data.samplers[sampler].self_judged.includes(name);
    return h("td", {}, fixed(value), own ? h("small", {}, term(stage, "strip_self")) : null);
  }
}

/** @param {string} reason */
function absent(reason) {
  return h("td", { className: "absent", title: reason }, "–", unseen(reason));
}
