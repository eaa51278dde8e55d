// @ts-check
// At the Maths depth: p̂(xⁱ = v) = Σₖ wₖ 1[xₖⁱ = v], with the K terms of this step.
import { h, heading, scroller, tableOf } from "../dom.js";
import { fixed, range } from "../numbers.js";
import { examine } from "./examine.js";
import { formula, weightFormula } from "./formula.js";

/** @typedef {import("./examine.js").Found} Found */

const REACH = 5; // tokens on either side
/** @type {import("../words.js").Key<"stage">[]} */
const TERM_COLUMNS = ["draft", "word", "weight", "energy", "log_q", "around"];

export class Terms {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    const title = stage.say("terms");
    this.formulas = h("p", { className: "formulas" });
    this.table = scroller(title);
    this.element = h("section", { className: "terms", aria: { label: title } },
      h("h3", { textContent: title }), this.formulas, this.table);
  }

  /** @param {number} n @param {import("./state.js").Place | null} at */
  show(n, at) {
    const { stage } = this;
    if (stage.state.depth !== "maths") return;
    const found = at && examine(stage, n, at);
    if (found && found.rows.length > 0 && found.lane.hasEnergy(found.r)) {
      this.formulas.replaceChildren(...this.#sums(found));
      this.table.replaceChildren(this.#table(found));
    } else {
      this.formulas.textContent = stage.say("terms_none");
      this.table.replaceChildren();
    }
  }

  /** @param {Found} found */
  #sums({ i, rows }) {
    const { stage } = this;
    const [winner] = rows;
    const sum = formula(`p̂(x^{${i + 1}} = `);
    sum.append(`“${stage.text.token(winner.id)}”) = ${fixed(winner.weighted, 3)}`);
    return [
      formula(`w_{k} = ${weightFormula("k", stage.run.config.energy_temperature)}`),
      formula("p̂(x^{i} = v) = Σ_{k} w_{k} 1[x_{k}^{i} = v]"),
      sum,
    ];
  }

  /** @param {Found} found */
  #table({ lane, r, i }) {
    const { stage } = this;
    const order = range(lane.drafts(r)).sort((a, b) => lane.weightOf(r, b) - lane.weightOf(r, a));
    const number = (/** @type {number} */ value, digits = 1) =>
      h("td", { className: "number", textContent: fixed(value, digits) });
    const body = order.map((k) => {
      const taken = k === lane.chosen(r);
      return h("tr", { className: taken ? "chosen" : "", attr: { translate: "no" } },
        h("th", { attr: { scope: "row" } }, String(k + 1), taken ? h("small", { textContent: stage.say("chosen") }) : null),
        h("td", {}, h("span", { className: "word", textContent: stage.text.token(lane.drawn(r, k, i)) })),
        number(lane.weightOf(r, k), 3),
        number(lane.energyOf(r, k)),
        number(lane.logQOf(r, k)),
        h("td", { className: "words", textContent: stage.text.excerpt(lane.draft(r, k), i, REACH) }));
    });
    return tableOf(TERM_COLUMNS.map((key) => heading(stage.say(key))), body);
  }
}
