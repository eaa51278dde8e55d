// @ts-check
// Drawn symbols: fonts disagree about the characters for play and pause.

const PATHS = {
  first: "M5 5h2v14H5zM19 5v14l-10-7z",
  back: "M17 5v14l-10-7z",
  play: "M7 5v14l12-7z",
  pause: "M6 5h4v14H6zM14 5h4v14h-4z",
  forward: "M7 5v14l10-7z",
  last: "M17 5h2v14h-2zM5 5v14l10-7z",
  loop: "M12 5V2L7.5 6 12 10V7a5 5 0 1 1-5 5H5a7 7 0 1 0 7-7z",
};
const SVG = "http://www.w3.org/2000/svg";

/** @typedef {keyof typeof PATHS} Icon */

/** @param {Icon} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
