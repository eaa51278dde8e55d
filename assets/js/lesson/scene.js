// @ts-check
// Another scene begins at its top, for the eye and for who hears the page.

/** @type {string | undefined} */
let before;

/** @param {{ data: { scene: string } }} call */
export default function component({ data }) {
  if (before !== undefined && before !== data.scene) {
    const heading = document.querySelector("[data-testid=stMain] h2");
    document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0);
    if (heading instanceof HTMLElement) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }
  }
  before = data.scene;
}
