// @ts-check
// What is written in a row of ids: cell by cell, and as running text.
import { END, cellText, isolated, joinedWords, nameUnseen, shownText, spell } from "../tokens.js";

export class Text {
  /**
   * @param {import("../lane.js").Run} run
   * @param {import("../tokens.js").Unseen} unseen
   * @param {string} blank what a masked place is called by those who hear it
   */
  constructor({ vocabulary, end_of_text }, unseen, blank) {
    this.vocabulary = vocabulary;
    this.unseen = unseen;
    this.endOfText = end_of_text;
    this.mask = vocabulary.length - 1;
    this.blank = ` (${blank})`;
  }

  /** @param {Uint16Array} row */
  spell(row) { return spell(row, this.vocabulary, this.endOfText, this.unseen).map(cellText); }

  /** One token by itself. @param {number} id */
  token(id) {
    if (id === this.endOfText) return END;
    return isolated(cellText(shownText(this.vocabulary[id], this.unseen))) || "·";
  }

  /** Running text of part of a row. @param {Uint16Array} row */
  prose(row, from = 0, to = row.length) {
    const words = joinedWords(row, this.vocabulary, this.endOfText).slice(from, to);
    const text = words.map((word, j) => (row[from + j] === this.mask ? this.blank : word.replaceAll("\n", " ")));
    return isolated(nameUnseen(text.join(""), this.unseen).trim());
  }

  /** A few words of a row around position i. @param {Uint16Array} row @param {number} i */
  excerpt(row, i, reach = 2) {
    const [from, to] = [Math.max(0, i - reach), Math.min(row.length, i + reach + 1)];
    return `${from > 0 ? "…" : ""}${this.prose(row, from, to)}${to < row.length ? "…" : ""}`;
  }
}
