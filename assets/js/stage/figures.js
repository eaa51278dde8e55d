// @ts-check
// The numbers behind a choice.
import { h } from "../dom.js";
import { fixed } from "../numbers.js";

/** @typedef {import("../words.js").Words<"stage">} Words */
/** @typedef {import("./examine.js").Found} Found */

/**
 * @param {Words} words
 * @param {Found} found
 */
export function figures(words, { lane, r, i }) {
  const nats = (/** @type {number} */ value, digits = 2) => words.say("nats", { value: fixed(value, digits) });
  const [K, k] = [lane.drafts(r), lane.chosen(r)];
  const note = words.say("n_energy_note");
  const entropy = figure(words.say("n_entropy"), nats(lane.entropyOf(r, i)));
  if (!lane.hasEnergy(r)) return [entropy, ...ABOUT_ENERGY.map((key) => figure(words.say(key), "–"))];
  return [
    entropy,
    figure(words.say("n_ess"), words.say("of", { value: fixed(lane.ess(r), 1), K })),
    figure(words.say("n_weight"), fixed(lane.weightOf(r, k))),
    figure(words.say("n_energy"), nats(lane.energyOf(r, k), 1), note),
    figure(words.say("n_energy_first"), nats(lane.energyOf(r, 0), 1), note),
    figure(words.say("n_energy_best"), nats(lane.bestEnergy(r), 1), note),
  ];
}

/** @type {import("../words.js").Key<"stage">[]} */
const ABOUT_ENERGY = ["n_ess", "n_weight", "n_energy", "n_energy_first", "n_energy_best"];

/** @param {string} name @param {string} value */
function figure(name, value, note = "") {
  return h("div", { title: note }, h("dt", { textContent: name }), h("dd", { textContent: value }));
}
