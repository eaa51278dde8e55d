// @ts-check
// What the stage was given, and where the visitor is in it.

/** @typedef {import("../lane.js").Lane} Lane */
/** @typedef {import("../lane.js").Run} Run */
/** A place in a run. @typedef {{ lane: number, position: number }} Place */
/** @typedef {{ lane?: number | null, step?: number | null, position?: number | null }} Start */
/** What is said of a sampler, and the judges that are made of what it wrote with.
 *  @typedef {{ label: string, about: string | import("../words.js").Plural, self_judged: string[] }} Sampler */
/** @typedef {{ id: string, run: Run, facts: import("../lane.js").Facts, strings: import("../words.js").Translated,
 *    samplers: Record<string, Sampler>, glossary?: import("./term.js").Glossary, notes?: string[], live?: boolean,
 *    replay?: boolean, link?: string | null, start?: Start | null, diagnose?: boolean }} Data */
/** @typedef {"story" | "numbers" | "maths"} Depth */
/** What the page around does with a place that is to be taken apart; a saved page has none.
 *  @typedef {{ diagnose?: (place: { lane: number, step: number, position: number }) => void }} Hooks */

/** @type {Depth[]} */
export const DEPTHS = ["story", "numbers", "maths"];
const stillness = matchMedia("(prefers-reduced-motion: reduce)");

/** Kept from run to run: how it is looked at. Begun anew with a run: the rest. */
export function firstState() {
  return {
    n: 0,
    playing: false,
    speed: 1,
    loop: false,
    drafts: true,
    depth: /** @type {Depth} */ ("story"),
    measure: /** @type {import("../lane.js").Measure} */ ("entropy"),
    mapLane: 0,
    goal: 0, // where to wait while the run is being written
    following: false,
    autoplay: false,
    spot: -1, // the state at which the places of the first divergence are ringed
    hovered: /** @type {Place | null} */ (null),
    locked: /** @type {Place | null} */ (null),
  };
}

/** The last state that all lanes have. @param {Lane[]} lanes */
export function lastState(lanes) {
  return Math.min(...lanes.map((lane) => lane.edge));
}

/**
 * What another run changes. Where nothing may move by itself, the end is shown, not a field of masks.
 * @param {Data} data
 * @param {Lane[]} lanes
 */
export function begin({ start, live = false }, lanes) {
  const goal = Math.max(start?.step ?? (live || stillness.matches ? Infinity : 0), 0);
  const held = start?.position != null ? { lane: start.lane ?? 0, position: start.position } : null;
  return {
    n: Math.min(goal, lastState(lanes)),
    goal,
    following: live,
    playing: false,
    autoplay: !live && !start && !stillness.matches,
    spot: -1,
    hovered: /** @type {Place | null} */ (null),
    locked: /** @type {Place | null} */ (held),
    mapLane: Math.max(0, lanes.findIndex((lane) => lane.corrects)),
  };
}

/**
 * True where only numbers have changed, not what is written on the page around them.
 * @param {Data} a
 * @param {Data} b
 */
export function sameShell(a, b) {
  const shell = (/** @type {Data} */ { run, link, strings, samplers }) => {
    const lanes = run.lanes.map((lane) => lane.sampler);
    return JSON.stringify([run.title, run.about, link, strings, samplers, run.config.num_steps, lanes]);
  };
  return shell(a) === shell(b);
}
