// @ts-check
// Numbers as they are read in the visitor's language. The minus sign is a minus sign.

let language = "en";
/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/** @param {string} tag such as de or pt-BR */
export function writeNumbersIn(tag) {
  if (tag !== language) formats.clear();
  language = tag;
}

/**
 * @param {number} value
 * @param {number} digits after the point
 * @param {"decimal" | "percent"} style
 */
export function fixed(value, digits = 2, style = "decimal") {
  const key = `${style} ${digits}`;
  const known = formats.get(key);
  const options = { style, minimumFractionDigits: digits, maximumFractionDigits: digits };
  const format = known ?? new Intl.NumberFormat(language, options);
  if (!known) formats.set(key, format);
  return format.format(value).replace("-", "−");
}

/**
 * With a plus sign where it is above zero.
 * @param {number} value
 * @param {number} digits after the point
 */
export function signed(value, digits = 2) {
  return (value > 0 ? "+" : "") + fixed(value, digits);
}

/**
 * A share of one, in per cent; one that is nearly zero is not called zero.
 * @param {number} p
 */
export function percent(p) {
  return p === 0 ? fixed(0, 0, "percent") : probability(p);
}

/**
 * The same for what is never quite zero, even where it is kept as zero. As `pages/parts/app/i18n.py` writes it.
 * @param {number} p
 */
export function probability(p) {
  return p < 0.0005 ? `<${fixed(0.001, 1, "percent")}` : fixed(p, p < 0.1 ? 1 : 0, "percent");
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
