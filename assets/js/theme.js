// @ts-check
// Light or dark, told by what the browser has computed: it holds in the app, whoever chose the theme, and in a saved page.

/**
 * How light a CSS colour is, 0..255; nothing where it has no numbers in it.
 * @param {string} colour
 */
export function lightness(colour) {
  const [r, g, b] = colour.match(/[\d.]+/g)?.map(Number) ?? [];
  return b === undefined ? undefined : 0.299 * r + 0.587 * g + 0.114 * b;
}

/**
 * The theme that the text's colour belongs to.
 * @param {Element} element
 * @returns {"light" | "dark"}
 */
export function themeOf(element) {
  return (lightness(getComputedStyle(element).color) ?? 0) > 128 ? "dark" : "light";
}

/**
 * Keep `data-theme` of an element true. Its stylesheet gives the background an unnoticeable transition, so that any
 * change of theme ends in an event.
 * @param {HTMLElement} root
 * @param {() => void} onChange
 */
export function followTheme(root, onChange = () => {}) {
  const look = () => {
    const theme = themeOf(root);
    if (theme === root.dataset.theme) return;
    root.dataset.theme = theme;
    onChange();
  };
  root.addEventListener("transitionend", (event) => event.target === root && look());
  look();
  return look;
}
