// @ts-check
// What it took, what came out: one row a lane.
import { h, heading, scroller, tableOf, unseen } from "../dom.js";
import { fixed, percent } from "../numbers.js";

/** @typedef {import("../lane.js").Lane} Lane */

/** Column -> the measure's name in a run file. */
const RECORDED = {
  smollm2: "judge_nll_smollm2",
  ar: "judge_nll_ar",
  entropy: "entropy",
  repeated: "repeated_words",
  changed: "changed",
};
const NAMES = /** @type {(keyof typeof RECORDED)[]} */ (Object.keys(RECORDED));

export class Strip {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    const title = stage.say("strip");
    this.table = scroller(title);
    this.element = h("section", { className: "strip", aria: { label: title } },
      h("h3", { textContent: title }),
      this.table,
      h("p", { className: "note", textContent: stage.say("strip_directions") }));
  }

  load() {
    const { words, lanes } = this.stage;
    const head = [
      heading(words.say("strip_lane")),
      heading(words.say("strip_calls"), words.say("strip_calls_note")),
      heading(words.say("strip_seconds"), words.say("strip_seconds_note")),
      ...NAMES.map((name) => heading(words.say(`strip_${name}`), words.say(`strip_${name}_note`))),
    ];
    const at = this.table.scrollLeft;
    this.table.replaceChildren(tableOf(head, lanes.map((lane) => this.#row(lane))));
    this.table.scrollLeft = at;
  }

  /** @param {Lane} lane */
  #row(lane) {
    const { denoiser_calls: writing, energy_calls: energy, seconds } = lane.raw;
    const calls = energy ? this.stage.say("strip_calls_both", { writing, energy }) : fixed(writing, 0);
    return h("tr", {},
      h("th", { textContent: this.stage.nameOf(lane), attr: { scope: "row" } }),
      h("td", { textContent: calls }),
      h("td", { textContent: fixed(seconds) }),
      ...NAMES.map((name) => this.#measure(lane, name)));
  }

  /** @param {Lane} lane @param {keyof typeof RECORDED} name */
  #measure({ raw, sampler, corrects }, name) {
    const { stage } = this;
    if (name === "changed" && !corrects) return absent(stage.say("strip_no_energy"));
    const value = raw.measures[RECORDED[name]];
    if (value === undefined) return absent(stage.say(stage.data.live ? "strip_later" : "strip_unmeasured"));
    if (name === "repeated" || name === "changed") return h("td", { textContent: percent(value) });
    const own = stage.data.samplers[sampler].self_judged.includes(name);
    return h("td", {}, fixed(value), own ? h("small", { textContent: stage.say("strip_self") }) : null);
  }
}

/** @param {string} reason */
function absent(reason) {
  return h("td", { className: "absent", title: reason }, "–", unseen(reason));
}
