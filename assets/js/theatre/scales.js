// @ts-check
// The colours below the words, and what they mean.
import { h } from "../dom.js";
import { ramp, rampBar, stopsOf } from "../colour.js";

/** @typedef {{ ends: [number, number], colour: import("../colour.js").Ramp, from: string, to: string }} Scale */
/** @typedef {Record<import("./step.js").Strip, Scale>} Scales */

const LOWEST = 10; // nats below zero: a log-probability beyond has the darkest colour
const WIDEST = 6; // nats, either way
const BAR = 64; // cells

/** @param {Element} root @returns {Scales} */
export function scalesOf(root) {
  const probabilities = {
    ends: /** @type {[number, number]} */ ([-LOWEST, 0]),
    colour: ramp(stopsOf(root, "amounts"), -LOWEST, 0),
    from: `≤ −${LOWEST}`,
    to: "0",
  };
  const parts = {
    ends: /** @type {[number, number]} */ ([-WIDEST, WIDEST]),
    colour: ramp(stopsOf(root, "signed"), -WIDEST, WIDEST),
    from: `−${WIDEST}`,
    to: `+${WIDEST}`,
  };
  return { log_q: probabilities, log_p: probabilities, parts };
}

/** @param {import("./step.js").Step} step @param {import("./step.js").Strip} name */
export function titleOf(step, name) {
  return name === "parts" && step.data.difference ? "difference" : name;
}

/** Of the colours that are shown. @param {import("./theatre.js").Theatre} theatre */
export function scaleBars({ scales, shown, step, words }) {
  return shown.map((name) => {
    const { ends, colour, from, to } = scales[name];
    return h("span", { className: "scale" },
      h("span", { textContent: words.say(titleOf(step, name)) }),
      from,
      rampBar(colour, ends, BAR),
      words.say("nats", { value: to }),
      name === "parts" ? h("span", { textContent: words.say("parts_sign") }) : null);
  });
}
