// @ts-check
// What the looks of a token mean.
import { h } from "../dom.js";

/** @type {[string, import("../words.js").Key<"stage">][]} */
const LOOKS = [
  ["masked", "legend_masked"],
  ["draft", "legend_draft"],
  ["now", "legend_now"],
  ["kept", "legend_kept"],
  ["kept energy", "legend_energy"],
  ["kept differs", "legend_differs"],
  ["fixed", "legend_fixed"],
];

/** @param {import("../words.js").Words<"stage">} words */
export function legend(words) {
  const sample = () => h("span", { className: "final", textContent: words.say("legend_sample") });
  const items = LOOKS.map(([looks, key]) => h("li", {},
    h("span", { className: `token ${looks}`, aria: { hidden: true } }, sample()),
    h("span", { textContent: words.say(key) })));
  return h("ul", { className: "legend", aria: { label: words.say("legend") } }, ...items);
}
