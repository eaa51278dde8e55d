// @ts-check
// The words below a map's columns: as many as there is room for.
import { h } from "../dom.js";
import { range } from "../numbers.js";

const ROOM = 13; // px, of a word that stands upright
const LONGEST = 9; // characters

export class Columns {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.element = h("div", { className: "columns", attr: { translate: "no" }, aria: { hidden: true } });
  }

  /** A lane's text as far as it has come. @param {import("../lane.js").Lane} lane @param {number} width px, of all */
  show(lane, width) {
    const row = lane.row(lane.S);
    const words = this.stage.text.spell(row);
    const every = Math.max(1, Math.ceil((ROOM * lane.L) / width));
    const shown = range(lane.L).filter((i) => i % every === 0 && row[i] !== lane.mask);
    this.element.replaceChildren(...shown.map((i) => columnWord(words[i], (100 * (i + 0.5)) / lane.L)));
  }
}

/** @param {string} word @param {number} place per cent of the width */
function columnWord(word, place) {
  const letters = Array.from(word);
  const textContent = letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join("")}…` : word;
  const element = h("span", { textContent });
  element.style.left = `${place}%`;
  return element;
}
