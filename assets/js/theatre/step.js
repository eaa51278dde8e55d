// @ts-check
// One step's drafts, decoded: what they say, and what denoiser and energy thought of each token.
import { unpack } from "../codec.js";
import { range } from "../numbers.js";

/** @typedef {import("../codec.js").Packed} Packed */
/** @typedef {"log_q" | "log_p" | "parts"} Strip */
/** @typedef {"weight" | "log_q" | "energy" | "drawn"} Order */
/** A draft and a position in it. @typedef {{ draft: number, position: number }} Held */
/** What Python sends. `only`: the drafts to show, in order, all where it is empty; `spots`: positions to point out;
 *  `answers`: what was held here last as far as the page had heard.
 *  @typedef {{ strings: import("../words.js").Translated, words: string[], only: number[], spots: number[], K: number,
 *    L: number, chosen: number, given: number[], written: number[], candidate: Packed, shown: Packed,
 *    strips: Partial<Record<Strip, Packed>>, difference: boolean, weight: number[], energy: (number | null)[], total_log_q: number[], rank_before: number[],
 *    rank_after: number[], answers: Held | null } & Held} Data */

/** @type {Strip[]} */
const STRIPS = ["log_q", "log_p", "parts"];
/** What may colour the words: one number of each, or two below each other. @type {Strip[][]} */
const COLOURINGS = [["parts"], ["log_q"], ["log_p"], ["log_q", "log_p"]];
/** @type {Order[]} */
export const ORDERS = ["weight", "log_q", "energy", "drawn"];

export class Step {
  /** @param {Data} data */
  constructor(data) {
    this.data = data;
    this.K = data.K;
    this.L = data.L;
    this.candidate = unpack(data.candidate);
    this.shown = unpack(data.shown);
    /** The strips that there are numbers for. */
    this.strips = STRIPS.flatMap((name) => {
      const packed = data.strips[name];
      return packed ? [{ name, values: unpack(packed) }] : [];
    });
  }

  /** Those that there are numbers for, the first as the page opens. */
  get colourings() {
    const known = this.strips.map(({ name }) => name);
    return COLOURINGS.filter((names) => names.every((name) => known.includes(name)));
  }

  /** @param {number} k */
  isTaken(k) { return k === this.data.chosen; }

  /** There before this step. @param {number} i */
  isGiven(i) { return this.data.given[i] === 1; }

  /** Which token a draft has at position i. @param {number} k @param {number} i */
  token(k, i) { return this.candidate[k * this.L + i]; }

  /** What that shows, among its neighbours. @param {number} k @param {number} i */
  word(k, i) { return this.data.words[this.shown[k * this.L + i]]; }

  /** The drafts by a key, the largest first; by energy, the lowest. @param {Order} order */
  sorted(order) {
    const { weight, total_log_q, energy } = this.data;
    const keys = {
      weight: (/** @type {number} */ k) => -weight[k],
      log_q: (/** @type {number} */ k) => -total_log_q[k],
      energy: (/** @type {number} */ k) => energy[k] ?? Infinity,
      drawn: (/** @type {number} */ k) => k,
    };
    const key = keys[order];
    return range(this.K).sort((a, b) => Math.sign(key(a) - key(b)) || a - b);
  }
}
