// @ts-check
// Little texts in rows: what is wrong in them has a shape of its own, what they weigh a bar that moves.
import { h, unseen } from "../dom.js";
import { followTheme } from "../theme.js";

/** @typedef {{ text: string, kind: string }} Piece */
/** @typedef {{ pieces: Piece[], fits?: boolean, before?: string, after?: string, weight?: number, taken?: string }} Row */
/** @typedef {{ label: string, rows: Row[], columns: boolean, words: Record<"mask" | "clash" | "fits", string> }} Data */

const SHORT = 7; // characters behind a bar: a share alone

export class Sheet {
  /** @param {HTMLElement} root @param {Data} data */
  constructor(root, data) {
    this.list = h("ol");
    /** @type {HTMLElement[]} One a row, kept, so that a weight moves to its new place. */
    this.bars = [];
    root.replaceChildren(this.list);
    this.update(data);
    followTheme(root);
  }

  /** @param {Data} data */
  update({ label, rows, columns, words }) {
    this.list.setAttribute("aria-label", label);
    this.list.classList.toggle("columns", columns);
    this.list.classList.toggle("wide", rows.some(({ after = "" }) => after.length > SHORT));
    this.list.classList.toggle("signed", rows.some(({ fits }) => fits !== undefined));
    this.list.replaceChildren(...rows.map((row, n) => this.#row(row, n, words)));
    requestAnimationFrame(() => rows.forEach(({ weight = 0 }, n) => (this.#bar(n).style.width = `${100 * weight}%`)));
  }

  /** @param {Row} row @param {number} n @param {Data["words"]} words */
  #row(row, n, words) {
    const { pieces, fits, before, after, weight, taken } = row;
    const sign = fits === undefined ? h("span", { className: "sign" }) : signOf(fits, words);
    return h("li", { className: taken ? "taken" : "" },
      sign,
      before ? h("span", { className: "before", textContent: before }) : null,
      h("span", { className: "text" }, ...pieces.map((piece) => pieceOf(piece, words))),
      taken ? h("span", { className: "tag", textContent: taken }) : null,
      weight === undefined ? null : h("span", { className: "track", aria: { hidden: true } }, this.#bar(n)),
      after ? h("span", { className: "after", textContent: after }) : null);
  }

  /** @param {number} n */
  #bar(n) {
    return (this.bars[n] ??= h("span", { className: "fill" }));
  }
}

/** @param {boolean} fits @param {Data["words"]} words */
function signOf(fits, words) {
  return h("span", { className: fits ? "sign fits" : "sign clashes" },
    h("span", { textContent: fits ? "✓" : "✕", aria: { hidden: true } }), unseen(fits ? words.fits : words.clash));
}

/** @param {Piece} piece @param {Data["words"]} words */
function pieceOf({ text, kind }, words) {
  if (kind === "plain") return h("span", { textContent: text });
  if (kind === "mask") return h("span", { className: "mask" }, unseen(words.mask));
  if (kind === "fit" || kind === "off") return h("span", { className: kind, textContent: kind === "fit" ? "●" : "✕" });
  return h("span", { className: `word ${kind}`, textContent: text });
}
