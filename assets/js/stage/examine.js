// @ts-check
// What there is to say of one place.

/** @typedef {import("../lane.js").Lane} Lane */
/** A token: probability alone, share of the drafts without and with their weights.
 *  @typedef {{ id: number, p: number, share: number, weighted: number }} Row */
/** The record that a place is read from, and its tokens in order; none where nothing was computed.
 *  @typedef {{ lane: Lane, i: number, r: number, rows: Row[] }} Found */

/**
 * @param {import("./stage.js").Stage} stage
 * @param {number} n
 * @param {import("./state.js").Place} at
 * @returns {Found}
 */
export function examine(stage, n, at) {
  const lane = stage.lanes[at.lane];
  const i = at.position;
  const r = Math.min(lane.writtenBy(i, n), lane.record(n));
  if (lane.S === 0 || lane.isFixed(i) || !lane.hasMarginal(r, i)) return { lane, i, r, rows: [] };
  const corrected = lane.hasEnergy(r) ? lane.corrected(r, i) : new Map();
  const rows = [...lane.marginal(r, i)].map(([id, p]) => ({ id, p, ...(corrected.get(id) ?? { weighted: 0, share: 0 }) }));
  return { lane, i, r, rows: rows.sort(byWeight) };
}

/** What the eye can't tell apart is ordered by the marginal. @param {Row} a @param {Row} b */
function byWeight(a, b) {
  const shown = (/** @type {Row} */ row) => Math.round(1000 * row.weighted);
  return shown(b) - shown(a) || b.p - a.p;
}
