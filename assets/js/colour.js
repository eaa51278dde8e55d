// @ts-check
// A number's colour. The stops of a ramp come from the palette, as a CSS variable of the element drawn in.
import { h, penOf } from "./dom.js";
import { clamp, range } from "./numbers.js";

/** @typedef {(value: number) => string} Ramp */

const SHADES = 256; // mixed once: a picture has thousands of cells
const HATCH = 6; // px, from line to line

/**
 * The colours of a ramp, "#rrggbb" each, in the order of the palette.
 * @param {Element} element
 * @param {"amounts" | "signed"} name
 */
export function stopsOf(element, name) {
  return getComputedStyle(element).getPropertyValue(`--${name}`).trim().split(/\s+/);
}

/**
 * Between two neighbouring stops, in sRGB.
 * @param {string[]} stops
 * @param {number} share 0..1 of the way along them
 */
export function blend(stops, share) {
  const at = share * (stops.length - 1);
  const low = Math.min(Math.floor(at), stops.length - 2);
  const [from, to] = [channels(stops[low]), channels(stops[low + 1])];
  return `rgb(${from.map((c, j) => Math.round(c + (to[j] - c) * (at - low))).join(" ")})`;
}

/** @param {string} hex */
function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/**
 * The colour of a number from `low` to `high`, clamped there.
 * @param {string[]} stops
 * @param {number} low
 * @param {number} high
 * @returns {Ramp}
 */
export function ramp(stops, low, high) {
  const mixed = range(SHADES).map((n) => blend(stops, n / (SHADES - 1)));
  return (value) => mixed[Math.round(clamp((value - low) / (high - low), 0, 1) * (SHADES - 1))];
}

/**
 * Slanting lines: what has no number, told from every colour by its looks.
 * @param {CanvasRenderingContext2D} pen
 * @param {string} colour
 * @param {number} density of the screen
 */
export function hatching(pen, colour, density) {
  const size = Math.round(HATCH * density);
  const tile = h("canvas", { width: size, height: size });
  const line = penOf(tile);
  Object.assign(line, { strokeStyle: colour, lineWidth: density });
  for (const x of [-size, 0, size]) { // the neighbours' lines cut its corners
    line.moveTo(x, size);
    line.lineTo(x + size, 0);
  }
  line.stroke();
  return /** @type {CanvasPattern} */ (pen.createPattern(tile, "repeat"));
}

/**
 * A ramp drawn as a bar, for a legend.
 * @param {Ramp} colour
 * @param {[number, number]} ends
 * @param {number} width of the canvas, in cells
 */
export function rampBar(colour, [low, high], width) {
  const canvas = h("canvas", { width, height: 1, className: "ramp", aria: { hidden: true } });
  const pen = penOf(canvas);
  for (const x of range(width)) {
    pen.fillStyle = colour(low + ((high - low) * x) / (width - 1));
    pen.fillRect(x, 0, 1, 1);
  }
  return canvas;
}
