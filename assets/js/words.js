// @ts-check
// What is read on the page, in the visitor's language. The English stands in strings.json; Python translates it.
import { fixed, writeNumbersIn } from "./numbers.js";

/** A text with the grammatical numbers that its language has: `which` gives the form for a count of 0 to 199.
 *  @typedef {{ forms: string[], which: string }} Plural */
/** @typedef {Record<string, string | Plural>} Translated */
/** @typedef {Record<string, string | number>} Values */
/** The keys of one part of strings.json, and those among them that have a grammatical number.
 *  @typedef {typeof import("./strings.json")} Parts */
/**
 * @template {keyof Parts} Part
 * @typedef {{ [K in keyof Parts[Part]]: Parts[Part][K] extends string ? K : never }[keyof Parts[Part]]} Key
 */
/** @template {keyof Parts} Part @typedef {Exclude<keyof Parts[Part], Key<Part>>} Counted */

/**
 * A text with {name} where a value goes; a number is a whole one.
 * @param {string} text
 * @param {Values} values
 */
export function fill(text, values) {
  const said = (/** @type {string | number} */ value) => (typeof value === "number" ? fixed(value, 0) : value);
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? said(values[name]) : whole));
}

/**
 * The form that a count takes. What languages ask of a number is its last two digits, and whether it is a small one.
 * @param {Plural} plural
 * @param {number} count
 */
export function formOf({ forms, which }, count) {
  return forms[Number(which[count < which.length ? count : 100 + (count % 100)])];
}

/**
 * A text that has a grammatical number, or has none.
 * @param {string | Plural} text
 * @param {number} count
 * @param {Values} values
 */
export function counted(text, count, values) {
  return fill(typeof text === "string" ? text : formOf(text, count), values);
}

/**
 * One part of the page in the visitor's language.
 * @template {keyof Parts} Part
 */
export class Words {
  /** @param {Translated} translated */
  constructor(translated) {
    this.translated = translated;
    writeNumbersIn(/** @type {string} */ (translated.numbers_in ?? "en"));
  }

  /**
   * @param {Key<Part>} key
   * @param {Values} values
   */
  say(key, values = {}) {
    return fill(/** @type {string} */ (this.translated[/** @type {string} */ (key)]), values);
  }

  /**
   * The text that belongs to a count.
   * @param {Counted<Part>} key
   * @param {number} count
   * @param {Values} values
   */
  count(key, count, values = {}) {
    return counted(this.translated[/** @type {string} */ (key)], count, values);
  }
}
