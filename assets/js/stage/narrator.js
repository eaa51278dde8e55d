// @ts-check
// One sentence or two about the step.
import { h } from "../dom.js";
import { fixed, percent, range } from "../numbers.js";
import { PAUSE, Speaker } from "../speaker.js";
import { formula, weightFormula } from "./formula.js";

/** @typedef {import("../lane.js").Lane} Lane */
/** @typedef {string | HTMLElement} Part */

export class Narrator {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.said = h("p");
    this.room = h("p", { className: "room", aria: { hidden: true } }); // its text is drawn by CSS and not part of the page's
    this.speaker = new Speaker();
    this.element = h("div", { className: "narrator" }, this.said, this.room, this.speaker.element);
  }

  /** Room for the longest narration of the run, so that nothing below moves from step to step. */
  reserve() {
    const texts = range(this.stage.edge + 1).map((n) => asText(this.#narrate(n)));
    const longest = texts.reduce((best, text) => (text.length > best.length ? text : best), "");
    this.room.dataset.text = `${longest} MMMM`; // a shorter text may be the wider one
  }

  /** @param {number} n */
  show(n) {
    const parts = this.#narrate(n);
    this.said.replaceChildren(...parts.flatMap((part) => [part, " "]));
    const { state, data } = this.stage;
    this.speaker.say(state.playing ? "" : asText(parts), data.live ? PAUSE : 0);
  }

  /** @param {number} n @returns {Part[]} */
  #narrate(n) {
    const { stage } = this;
    const lane = stage.lanes.find((other) => other.corrects) ?? stage.lanes[0];
    const parts = n === 0 ? [stage.say(this.#start(lane))] : this.#written(lane, n);
    if (n === stage.T && lane.complete) parts.push(stage.say("narrate_end"));
    if (n === stage.edge && n < stage.T && !stage.data.live) parts.push(stage.say("narrate_partial"));
    return parts;
  }

  /** @param {Lane} lane @param {number} n @returns {Part[]} */
  #written(lane, n) {
    const written = lane.revealedAt(n);
    const parts = [this.#step(n, written.length)];
    if (written.length && lane.corrects) parts.push(...this.#energy(lane, lane.record(n), written));
    return parts;
  }

  /** @param {Lane} lane */
  #start(lane) {
    if (lane.row(0).some((id) => id !== lane.mask)) return "narrate_fixed";
    return this.stage.lanes.length > 1 ? "narrate_start" : "narrate_start_one";
  }

  /** @param {number} n @param {number} count @returns {Part} */
  #step(n, count) {
    const { stage } = this;
    const values = { n, T: stage.T, count };
    if (count === 0) return stage.say("narrate_empty", values);
    const both = stage.lanes.filter((other) => !other.sequential).length === 2;
    return stage.words.count(both ? "narrate_step_both" : "narrate_step", count, values);
  }

  /** @param {Lane} lane @param {number} r @param {number[]} written @returns {Part[]} */
  #energy(lane, r, written) {
    const { stage } = this;
    if (!lane.hasEnergy(r)) return [stage.say("narrate_outside")];
    const story = this.#choice(lane, r, written);
    if (stage.state.depth === "story") return [story];
    const [K, k] = [lane.drafts(r), lane.chosen(r)];
    const values = {
      K,
      w: fixed(lane.weightOf(r, k)),
      ess: fixed(lane.ess(r), 1),
      chosen: fixed(lane.energyOf(r, k), 1),
      first: fixed(lane.energyOf(r, 0), 1),
      best: fixed(lane.bestEnergy(r), 1),
    };
    if (stage.state.depth === "numbers") return [story, stage.say("narrate_numbers", values)];
    const weight = `w_{${k + 1}} = ${weightFormula(k + 1, stage.run.config.energy_temperature)} = ${values.w}`;
    return [story, formula(`${weight},  E_{${k + 1}} = ${values.chosen}.`), stage.say("narrate_maths", values)];
  }

  /**
   * Which draft was taken, in the words in which it differs from the first.
   * @param {Lane} lane
   * @param {number} r
   * @param {number[]} written
   */
  #choice(lane, r, written) {
    const { stage } = this;
    const [K, k] = [lane.drafts(r), lane.chosen(r)];
    if (k === 0) return stage.words.count("narrate_agreed", K, { K });
    const differs = written.find((i) => lane.drawn(r, 0, i) !== lane.drawn(r, k, i));
    const drawn = this.#drawn(lane, r);
    if (differs === undefined) return `${stage.say("narrate_took_same", { K, k: k + 1 })}${drawn}`;
    const [first, chosen] = [0, k].map((draft) => stage.text.excerpt(lane.draft(r, draft), differs));
    return `${stage.say("narrate_took", { K, k: k + 1, first, chosen })}${drawn}`;
  }

  /** That the draft taken is drawn, where it is not the one with the largest weight. @param {Lane} lane @param {number} r */
  #drawn(lane, r) {
    const [own, best] = [lane.weightOf(r, lane.chosen(r)), lane.bestWeight(r)];
    if (!lane.weighsDrafts || own === best) return "";
    return ` ${this.stage.say("narrate_drawn", { w: percent(own), best: percent(best) })}`;
  }
}

/** @param {Part[]} parts */
function asText(parts) {
  return parts.map((part) => (typeof part === "string" ? part : part.textContent)).join(" ");
}
