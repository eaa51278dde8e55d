// @ts-check
// What is written in a row of ids: cell by cell, and as running text.
import { spell, startsWord, visible } from "../tokens.js";

export class Text {
  /**
   * @param {import("../lane.js").Run} run
   * @param {string} blank what a masked place is called by those who hear it
   */
  constructor({ vocabulary, end_of_text }, blank) {
    this.vocabulary = vocabulary;
    this.endOfText = end_of_text;
    this.mask = vocabulary.length - 1;
    this.blank = ` (${blank})`;
  }

  /** @param {Uint16Array} row */
  spell(row) { return spell(row, this.vocabulary, this.endOfText); }

  /** One token by itself. @param {number} id */
  token(id) {
    if (id === this.endOfText) return "∎";
    return visible(this.vocabulary[id]) || "·";
  }

  /** Running text of part of a row. @param {Uint16Array} row */
  prose(row, from = 0, to = row.length) {
    return this.spell(row).slice(from, to).map((word, j) => {
      const id = row[from + j];
      if (id === this.mask) return this.blank;
      return (startsWord(this.vocabulary[id]) ? " " : "") + word.replaceAll("↵", " ");
    }).join("").trim();
  }

  /** A few words of a row around position i. @param {Uint16Array} row @param {number} i */
  excerpt(row, i, reach = 2) {
    const [from, to] = [Math.max(0, i - reach), Math.min(row.length, i + reach + 1)];
    return `${from > 0 ? "…" : ""}${this.prose(row, from, to)}${to < row.length ? "…" : ""}`;
  }
}
