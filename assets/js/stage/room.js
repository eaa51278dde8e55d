// @ts-check
// How many lines a text takes, told beforehand, so that nothing below it moves from step to step.

/** Cells that no line break parts: their positions, whether a space stands before them, whether a line ends behind them.
 *  @typedef {{ cells: number[], spaced: boolean, ends: boolean }} Run */

/**
 * Broken as the browser breaks it: a run goes to the next line where this one has no room for it.
 * @param {Run[]} runs
 * @param {(i: number) => number} widthOf a cell, px
 * @param {number} space px
 * @param {number} width of a line, px
 */
export function linesOf(runs, widthOf, space, width) {
  let lines = 1;
  let x = 0; // how far the line is filled
  for (const [j, { cells, spaced, ends }] of runs.entries()) {
    const own = cells.reduce((sum, i) => sum + widthOf(i), 0);
    const before = x > 0 && spaced ? space : 0;
    if (x > 0 && x + before + own > width) {
      lines++;
      x = own;
    } else x += before + own;
    if (ends && j < runs.length - 1) {
      lines++;
      x = 0;
    }
  }
  return lines;
}
