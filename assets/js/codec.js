// @ts-check
// Arrays as text: base64 of little-endian bytes, row-major. Which array has which type and axes is the run file's own
// table, which Python hands over: nothing of it stands here.

/** @typedef {[dtype: string, axes: string[]]} Column one row of the table; axes by letter */
/** @typedef {Uint16Array | Uint32Array | Float32Array} Values */
/** @typedef {{ dtype: string, data: string }} Packed */
/** @typedef {{ values: Values, shape: number[] }} Decoded */

/** @type {Record<string, (bytes: Uint8Array<ArrayBuffer>) => Values>} */
const READERS = {
  "<u2": (bytes) => new Uint16Array(bytes.buffer),
  "<u4": (bytes) => new Uint32Array(bytes.buffer),
  "<f2": (bytes) => Float32Array.from(new Uint16Array(bytes.buffer), half),
  "<f4": (bytes) => new Float32Array(bytes.buffer),
};

/**
 * A half-precision number, which not every browser can read by itself.
 * @param {number} bits
 */
export function half(bits) {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : fraction * 2 ** -24);
}

/**
 * @param {Packed} packed
 * @returns {Values}
 */
export function unpack({ dtype, data }) {
  return READERS[dtype](Uint8Array.from(atob(data), (character) => character.charCodeAt(0)));
}

/**
 * The table's columns that a lane has. `sizes` gives each letter's length.
 * @param {Record<string, unknown>} lane
 * @param {Record<string, Column>} columns
 * @param {Record<string, number>} sizes
 * @returns {Record<string, Decoded>}
 */
export function decodeColumns(lane, columns, sizes) {
  const present = Object.entries(columns).filter(([name]) => typeof lane[name] === "string");
  return Object.fromEntries(present.map(([name, [dtype, axes]]) => {
    const data = /** @type {string} */ (lane[name]);
    return [name, { values: unpack({ dtype, data }), shape: axes.map((axis) => sizes[axis]) }];
  }));
}
