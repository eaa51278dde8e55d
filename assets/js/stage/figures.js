// @ts-check
// The numbers behind a choice.
import { h } from "../dom.js";
import { fixed } from "../numbers.js";
import { term } from "./term.js";

/** @typedef {import("../words.js").Key<"stage">} Key */
/** @typedef {import("./examine.js").Found} Found */

/**
 * @param {import("./stage.js").Stage} stage
 * @param {Found} found
 */
export function figures(stage, { lane, r, i }) {
  const { words } = stage;
  const figure = (/** @type {Key} */ key, /** @type {string} */ value, note = "") =>
    h("div", { title: note }, h("dt", {}, term(stage, key)), h("dd", { textContent: value }));
  const nats = (/** @type {number} */ value, digits = 2) => words.say("nats", { value: fixed(value, digits) });
  const [K, k] = [lane.drafts(r), lane.chosen(r)];
  const note = words.say("n_energy_note");
  const entropy = figure("n_entropy", nats(lane.entropyOf(r, i)));
  if (!lane.hasEnergy(r)) return [entropy, ...ABOUT_ENERGY.map((key) => figure(key, "–"))];
  return [
    entropy,
    figure("n_ess", words.say("of", { value: fixed(lane.ess(r), 1), K })),
    figure("n_weight", fixed(lane.weightOf(r, k))),
    figure("n_energy", nats(lane.energyOf(r, k), 1), note),
    figure("n_energy_first", nats(lane.energyOf(r, 0), 1), note),
    figure("n_energy_best", nats(lane.bestEnergy(r), 1), note),
  ];
}

/** @type {Key[]} */
const ABOUT_ENERGY = ["n_ess", "n_weight", "n_energy", "n_energy_first", "n_energy_best"];
