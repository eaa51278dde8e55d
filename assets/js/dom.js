// @ts-check
// Elements made by hand: no text is ever parsed as HTML.

/** @typedef {Record<string, string | number | boolean>} Attributes */
/** @typedef {{ aria?: Attributes, data?: Record<string, string>, attr?: Attributes, [property: string]: unknown }} Given */
/** @typedef {Node | string | null} Child */

/**
 * An element with properties, attributes (in `aria`, `data`, `attr`) and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Given} [given]
 * @param {Child[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, { aria = {}, data = {}, attr = {}, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(aria)) element.setAttribute(`aria-${name}`, String(value));
  for (const [name, value] of Object.entries(attr)) element.setAttribute(name, String(value));
  Object.assign(element.dataset, data);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/**
 * A labelled choice of one among `options`: [value, text] each.
 * @template {string} Value
 * @param {string} label
 * @param {[Value, string][]} options
 * @param {string} value
 * @param {(value: Value) => void} onChange
 */
export function choice(label, options, value, onChange) {
  const select = h("select", { onchange: () => onChange(/** @type {Value} */ (select.value)) });
  for (const [id, text] of options) select.append(h("option", { value: id, textContent: text, selected: id === value }));
  return h("label", { className: "choice" }, h("span", { textContent: label }), select);
}

/**
 * @param {Child[]} head
 * @param {Child[]} rows
 */
export function tableOf(head, rows, className = "") {
  return h("table", { className }, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows));
}

/**
 * A column's heading, with a note in small print.
 * @param {string} text
 * @param {string | null} [note]
 */
export function heading(text, note = null) {
  const small = note === null ? null : h("small", { textContent: note });
  return h("th", { attr: { scope: "col" } }, h("span", { textContent: text }), small);
}

/**
 * A part that scrolls by itself, also by keyboard.
 * @param {string} label
 * @param {Child[]} children
 */
export function scroller(label, ...children) {
  return h("div", { className: "scroll", tabIndex: 0, attr: { role: "group" }, aria: { label } }, ...children);
}

/**
 * What a screen reader hears and nobody sees.
 * @param {string} text
 */
export function unseen(text) {
  return h("span", { className: "hidden", textContent: text });
}

/**
 * A canvas's pen.
 * @param {HTMLCanvasElement} canvas
 */
export function penOf(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}
