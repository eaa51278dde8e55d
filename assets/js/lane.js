// @ts-check
// One sampler's lane: the arrays of the run file, and what the views ask of them. State n is what stands after n of the
// T time steps, 0 <= n <= T; record r is one step of the sampler, and a lane may have more or fewer of them than T.
import { decodeColumns } from "./codec.js";
import { range } from "./numbers.js";

/** A lane as the run file has it; its arrays are the table's columns.
 *  @typedef {{ sampler: string, steps: number, length: number, candidates: number, seconds: number,
 *    denoiser_calls: number, energy_calls: number, s: number[], chosen: number[], num_candidates: number[],
 *    measures: Record<string, number> }} RawLane */
/** @typedef {{ title: string, vocabulary: string[], end_of_text: number, energy: string, device: string,
 *    software?: Record<string, string>, about?: string, model: { name: string },
 *    config: { num_steps: number, energy_temperature?: number }, lanes: RawLane[] }} Run */
/** What Python knows of all runs: the table of a lane's columns, how many alternatives a marginal has, the samplers
 *  that ask no energy, those that write one position after the other, those that draw one of their drafts by its weight,
 *  and the characters that can't be seen.
 *  @typedef {{ columns: Record<string, import("./codec.js").Column>, alternatives: number, uncorrected: string[],
 *    sequential: string[], weighs: string[], unseen: import("./tokens.js").Unseen }} Facts */
/** @typedef {"entropy" | "confidence" | "change"} Measure */

const EPSILON = 1e-6; // times are compared, and they are floats
const PROBABILITY_UNIT = 65535;
const ENTROPY_UNIT = 1000; // a nat

export class Lane {
  /**
   * @param {RawLane} raw
   * @param {Run} run
   * @param {Facts} facts
   */
  constructor(raw, run, { columns, alternatives, uncorrected, sequential, weighs }) {
    this.raw = raw;
    this.sampler = raw.sampler;
    this.corrects = !uncorrected.includes(raw.sampler);
    this.sequential = sequential.includes(raw.sampler);
    this.weighsDrafts = weighs.includes(raw.sampler);
    this.S = raw.steps;
    this.L = raw.length;
    this.K = raw.candidates;
    this.A = alternatives;
    this.T = run.config.num_steps;
    this.mask = run.vocabulary.length - 1;
    const decoded = decodeColumns(raw, columns, { S: this.S, "S+1": this.S + 1, L: this.L, K: this.K, A: this.A });
    const ids = (/** @type {string} */ name) => /** @type {Uint16Array} */ (decoded[name].values);
    this.x = ids("x");
    this.marginalId = ids("marginal_id");
    this.marginalP = ids("marginal_p");
    this.entropy = ids("entropy");
    this.candidate = ids("candidate");
    this.tokenLogQ = decoded.token_log_q.values;
    this.logQ = decoded.log_q.values;
    this.energy = decoded.energy.values;
    this.weight = decoded.weight.values;
    /** How many of its records are done at state n; lanes with other steps meet on the time axis. */
    this.done = range(this.T + 1).map((n) => raw.s.filter((s) => s >= 1 - n / this.T - EPSILON).length);
    /** The records that wrote position i, in order: more than one where a sampler masks a word again. */
    this.writes = range(this.L).map((i) => this.#writes(i));
    this.complete = this.row(this.S).every((id) => id !== this.mask);
    /** The last state that there is. */
    this.edge = this.complete ? this.T : Math.round(this.T * (1 - (raw.s.at(-1) ?? 1)));
    /** How many records it has once it is complete, as its pace so far tells. */
    this.planned = this.edge > 0 ? Math.max(this.S, Math.round((this.S * this.T) / this.edge)) : this.T;
  }

  /** @param {number} i */
  #writes(i) {
    if (this.isFixed(i)) return [];
    const [x, L] = [this.x, this.L];
    return range(this.S).filter((r) =>
      x[(r + 1) * L + i] !== this.mask && (x[r * L + i] === this.mask || this.hasMarginal(r, i)));
  }

  // ── what stands where ───────────────────────────────────────────────────────────
  /** The ids that stand after r records. @param {number} r */
  row(r) { return this.x.subarray(r * this.L, (r + 1) * this.L); }

  /** @param {number} n @param {number} i */
  token(n, i) { return this.x[this.done[n] * this.L + i]; }

  /** By the prompt. @param {number} i */
  isFixed(i) { return this.x[i] !== this.mask; }

  /** The record that led to state n; the first one at the start. @param {number} n */
  record(n) { return Math.min(Math.max(this.done[n] - 1, 0), this.S - 1); }

  /** First state at which record r is done; -1 if not yet. @param {number} r */
  stateAfter(r) { return this.done.findIndex((done) => done > r); }

  /** First state at which position i is visible; -1 if not yet. @param {number} i */
  stateOf(i) { return this.isFixed(i) ? 0 : this.stateAfter(this.writes[i][0] ?? this.S); }

  /** The record whose token stands at position i in state n; if none yet, the first that will write there.
   *  @param {number} i @param {number} n */
  writtenBy(i, n) {
    const own = this.writes[i];
    return own.findLast((r) => r < this.done[n]) ?? own[0] ?? this.S;
  }

  /** Is position i written between state n - 1 and state n? @param {number} i @param {number} n */
  isWritten(i, n) {
    const [from, to] = [n > 0 ? this.done[n - 1] : 0, this.done[n]];
    return this.writes[i].some((r) => r >= from && r < to);
  }

  /** The positions written at the step to state n. @param {number} n */
  revealedAt(n) { return range(this.L).filter((i) => this.isWritten(i, n)); }

  // ── the drafts of a record ──────────────────────────────────────────────────────
  /** @param {number} r */
  drafts(r) { return this.raw.num_candidates[r]; }

  /** @param {number} r */
  chosen(r) { return this.raw.chosen[r]; }

  /** The id that draft k has at position i. @param {number} r @param {number} k @param {number} i */
  drawn(r, k, i) { return this.candidate[(r * this.K + k) * this.L + i]; }

  /** @param {number} r @param {number} k */
  draft(r, k) { return this.candidate.subarray((r * this.K + k) * this.L, (r * this.K + k + 1) * this.L); }

  /** The id that the draft taken has at position i. @param {number} r @param {number} i */
  taken(r, i) { return this.drawn(r, this.chosen(r), i); }

  /** @param {number} r @param {number} k */
  weightOf(r, k) { return this.weight[r * this.K + k]; }

  /** @param {number} r @param {number} k */
  energyOf(r, k) { return this.energy[r * this.K + k]; }

  /** @param {number} r @param {number} k */
  logQOf(r, k) { return this.logQ[r * this.K + k]; }

  /** @param {number} r */
  hasEnergy(r) { return this.drafts(r) > 1; }

  /** Drafts that the energy has read, at all steps. */
  get scored() { return range(this.S).reduce((sum, r) => sum + (this.hasEnergy(r) ? this.drafts(r) : 0), 0); }

  /** @param {number} r */
  bestWeight(r) { return Math.max(...this.weight.subarray(r * this.K, r * this.K + this.drafts(r))); }

  /** @param {number} r */
  bestEnergy(r) { return Math.min(...this.energy.subarray(r * this.K, r * this.K + this.drafts(r))); }

  /** Effective number of drafts. @param {number} r */
  ess(r) { return 1 / range(this.drafts(r)).reduce((sum, k) => sum + this.weightOf(r, k) ** 2, 0); }

  /** True where the token that was revealed is not what the first draw had there. @param {number} i @param {number} n */
  changedByEnergy(i, n) {
    const r = this.writtenBy(i, n);
    return !this.isFixed(i) && r < this.S && this.drawn(r, 0, i) !== this.taken(r, i);
  }

  // ── what was thought of a place ─────────────────────────────────────────────────
  /** Left to right, the network looks at one place only: elsewhere there is no marginal.
   *  @param {number} r @param {number} i */
  hasMarginal(r, i) { return this.marginalP[(r * this.L + i) * this.A] > 0; }

  /** Of the marginal, in nats. @param {number} r @param {number} i */
  entropyOf(r, i) { return this.entropy[r * this.L + i] / ENTROPY_UNIT; }

  /**
   * Token -> probability under the denoiser alone: its likeliest ones, and exactly too whatever was drawn.
   * @param {number} r
   * @param {number} i
   * @returns {Map<number, number>}
   */
  marginal(r, i) {
    const at = (r * this.L + i) * this.A;
    const drawn = range(this.drafts(r)).map((k) =>
      /** @type {[number, number]} */ ([this.drawn(r, k, i), Math.exp(this.tokenLogQ[(r * this.K + k) * this.L + i])]));
    const likeliest = range(this.A).filter((a) => this.marginalP[at + a] > 0).map((a) =>
      /** @type {[number, number]} */ ([this.marginalId[at + a], this.marginalP[at + a] / PROBABILITY_UNIT]));
    return new Map([...drawn, ...likeliest]);
  }

  /**
   * Token -> {weighted, share} at position i: the candidates with and without their weights.
   * @param {number} r
   * @param {number} i
   * @returns {Map<number, { weighted: number, share: number }>}
   */
  corrected(r, i) {
    const tokens = new Map();
    const K = this.drafts(r);
    for (let k = 0; k < K; k++) { // plain, for the heat-map asks it of every place
      const id = this.drawn(r, k, i);
      let entry = tokens.get(id);
      if (!entry) tokens.set(id, (entry = { weighted: 0, share: 0 }));
      entry.weighted += this.weightOf(r, k);
      entry.share += 1 / K;
    }
    return tokens;
  }

  /** Total variation between weighted and unweighted candidates at position i, 0..1.
   *  @param {number} r @param {number} i */
  change(r, i) {
    if (!this.hasEnergy(r)) return 0;
    let sum = 0;
    for (const { weighted, share } of this.corrected(r, i).values()) sum += Math.abs(weighted - share);
    return sum / 2;
  }

  /**
   * A heat-map measure at record r, position i; null where the token is visible or nothing was computed.
   * @param {Measure} name
   * @param {number} r
   * @param {number} i
   */
  measure(name, r, i) {
    if (!this.hasMarginal(r, i)) return null;
    if (name === "entropy") return this.entropyOf(r, i);
    if (name === "confidence") return this.marginalP[(r * this.L + i) * this.A] / PROBABILITY_UNIT;
    return this.corrects ? this.change(r, i) : null;
  }
}

/**
 * First state at which two lanes show different tokens in one place, or -1.
 * @param {Lane} a
 * @param {Lane} b
 */
export function firstDivergence(a, b) {
  const states = range(Math.min(a.L, b.L)).map((i) => divergenceAt(a, b, i)).filter((n) => n >= 0);
  return states.length ? Math.min(...states) : -1;
}

/** @param {Lane} a @param {Lane} b @param {number} i */
function divergenceAt(a, b, i) {
  const [m, n] = [a.stateOf(i), b.stateOf(i)];
  const both = Math.max(m, n);
  return m >= 0 && n >= 0 && a.token(both, i) !== b.token(both, i) ? both : -1;
}
