// @ts-check
// Tokens as text that is displayed, as edlm_core/displayed.py has it: a vocabulary's spelling keeps the space before a
// word and writes part of a character as ⟨F0 9F⟩.

/** What Python knows of characters that nobody can see: code points, first and last, and their names.
 *  @typedef {{ ranges: [number, number][], names: Record<string, string> }} Unseen */

export const END = "∎"; // the end of a text
const CONTINUED = "⋯"; // in the cells behind the first one of a character that several tokens make
const FRAGMENT = /^⟨([0-9A-F]{2}(?: [0-9A-F]{2})*)⟩$/;
const LONGEST_CHARACTER = 4; // bytes in UTF-8
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** @param {string} word */
export const startsWord = (word) => /^ ./.test(word);

/**
 * True where no line may begin: inside a word of a script that has spaces, before a full stop, before ↵.
 * @param {string} word
 */
export const clings = (word) => /^[\p{P}\p{N}\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\n]/u.test(word);

/**
 * What a token shows: what can't be seen by its name, a combining mark on a circle.
 * @param {string} word
 * @param {Unseen} unseen
 */
export const shownText = (word, unseen) => nameUnseen(word, unseen).replace(/^( *)(?=\p{M})/u, "$1◌");

/**
 * The same in a cell of its own, where a space before a word goes without saying.
 * @param {string} text
 */
export function cellText(text) {
  if (/^ +$/.test(text)) return "·".repeat(text.length);
  return text.replace(/^ /, "").replaceAll("\n", "↵").replaceAll("\t", "⇥");
}

/**
 * What the tokens of a row show; fragments that make a character together show it at the first one's place.
 * @param {Uint16Array} row ids
 * @param {string[]} words the vocabulary
 * @param {number} endOfText its id, -1 if there is none
 * @param {Unseen} unseen
 */
export function spell(row, words, endOfText, unseen) {
  return joinedWords(row, words, endOfText).map((text, i) =>
    text === "" && words[row[i]] !== "" ? CONTINUED : shownText(text, unseen));
}

/**
 * The words of a row: a character that several tokens make stands at the first one's place, and "" at the others'.
 * @param {Uint16Array} row
 * @param {string[]} words
 * @param {number} endOfText
 */
export function joinedWords(row, words, endOfText) {
  const out = Array.from(row, (id) => (id === endOfText ? END : words[id]));
  for (let i = 0; i < row.length; i++) {
    const character = characterAt(out, i);
    if (!character) continue;
    out[i] = character.text;
    out.fill("", i + 1, character.end);
    i = character.end - 1;
  }
  return out;
}

/** With names in place of characters that can't be seen. @param {string} text @param {Unseen} unseen */
export function nameUnseen(text, { ranges, names }) {
  if (/^[ -~]*$/.test(text)) return text;
  return Array.from(text, (c) => {
    const code = /** @type {number} */ (c.codePointAt(0));
    if (!ranges.some(([first, last]) => first <= code && code <= last)) return c;
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")} ${names[code] ?? kindOf(code)}⟩`;
  }).join("");
}

/** What a character is that has no name. @param {number} code */
function kindOf(code) {
  if (code < 0xa0) return "CONTROL";
  if (code >= 0xd800 && code < 0xe000) return "SURROGATE";
  return code >= 0xe0000 && code < 0xe1000 ? "TAG" : "NONCHARACTER";
}

/** Text that is written from right to left, kept from turning around what stands beside it. @param {string} text */
export const isolated = (text) => (RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text);

/**
 * The character whose fragments begin at position i, and where they end; nothing where there is none.
 * @param {string[]} words a row's
 * @param {number} i
 */
function characterAt(words, i) {
  /** @type {number[]} */
  const bytes = [];
  for (let j = i; j < Math.min(words.length, i + LONGEST_CHARACTER); j++) {
    const match = FRAGMENT.exec(words[j]);
    if (!match) return null;
    bytes.push(...match[1].split(" ").map((byte) => parseInt(byte, 16)));
    const text = decodeUtf8(bytes);
    if (text !== null) return { text, end: j + 1 };
  }
  return null;
}

/** @param {number[]} bytes */
function decodeUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return null;
  }
}
