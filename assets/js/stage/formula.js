// @ts-check
// Formulas, written with _{…} and ^{…}, as text with real subscripts and superscripts.
import { h } from "../dom.js";

/** @param {string} source */
export function formula(source) {
  const parts = source.split(/([_^]\{[^}]*\})/).map((part) => {
    if (part.startsWith("_{")) return h("sub", { textContent: part.slice(2, -1) });
    if (part.startsWith("^{")) return h("sup", { textContent: part.slice(2, -1) });
    return part;
  });
  return h("span", { className: "formula", attr: { translate: "no" } }, ...parts);
}

/**
 * exp(−E) over its sum, with the energy's temperature where it is not one.
 * @param {number | string} k
 * @param {number} temperature
 */
export function weightFormula(k, temperature = 1) {
  const over = temperature === 1 ? "" : `/${temperature}`;
  return `exp(−E_{${k}}${over}) / Σ_{j} exp(−E_{j}${over})`;
}
