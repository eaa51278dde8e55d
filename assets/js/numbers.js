// @ts-check
// Numbers as they are read. The minus sign is a minus sign.

let decimalMark = ".";

/**
 * What stands between the whole and the rest, in the visitor's language.
 * @param {string} mark
 */
export function writeDecimalsWith(mark) {
  decimalMark = mark;
}

/**
 * @param {number} value
 * @param {number} digits behind the point
 */
export function fixed(value, digits = 2) {
  return value.toFixed(digits).replace("-", "−").replace(".", decimalMark);
}

/**
 * A count, its thousands apart by a space that does not break.
 * @param {number} count
 */
export function whole(count) {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/**
 * With a plus sign where it is above zero.
 * @param {number} value
 * @param {number} digits behind the point
 */
export function signed(value, digits = 2) {
  return (value > 0 ? "+" : "") + fixed(value, digits);
}

/**
 * A share of one, in per cent.
 * @param {number} p
 */
export function percent(p) {
  if (p >= 0.9995) return "100 %";
  if (p < 0.0005) return "0 %";
  return p < 0.1 ? `${fixed(100 * p, 1)} %` : `${Math.round(100 * p)} %`;
}

/**
 * The same for what is never quite zero.
 * @param {number} p
 */
export function probability(p) {
  return p < 0.0005 ? `<${fixed(0.1, 1)} %` : percent(p);
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/**
 * 0, 1, …, n - 1.
 * @param {number} n
 */
export function range(n) {
  return Array.from({ length: n }, (_, i) => i);
}
