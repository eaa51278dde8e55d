// @ts-check
// Tokens as text. A vocabulary's spelling keeps the space before a word and writes part of a character as ⟨F0 9F⟩.

const FRAGMENT = /^⟨([0-9A-F]{2}(?: [0-9A-F]{2})*)⟩$/;
const LONGEST_CHARACTER = 4; // bytes in UTF-8

/** @param {string} word */
export const startsWord = (word) => /^ ./.test(word);

/**
 * True where no line may begin: inside a word of a script that has spaces, before a full stop, before ↵.
 * @param {string} word
 */
export const clings = (word) => /^[\p{P}\p{N}\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\n]/u.test(word);

/**
 * What a token looks like inside its cell; the space before a word is the cell's margin.
 * @param {string} word
 */
export function visible(word) {
  if (/^ +$/.test(word)) return "·".repeat(word.length);
  return word.replace(/^ /, "").replaceAll("\n", "↵").replaceAll("\t", "⇥");
}

/**
 * The words of a row, with neighbouring fragments of a character joined in the first one's cell.
 * @param {Uint16Array} row ids
 * @param {string[]} words the vocabulary
 * @param {number} endOfText its id, -1 if there is none
 */
export function spell(row, words, endOfText) {
  const out = Array.from(row, (id) => (id === endOfText ? "∎" : visible(words[id])));
  for (let i = 0; i < row.length; i++) {
    const joined = joinedAt(row, words, i);
    if (!joined) continue;
    out[i] = visible(joined.text);
    out.fill("", i + 1, joined.end);
    i = joined.end - 1;
  }
  return out;
}

/**
 * The character whose fragments begin at position i, and where they end; nothing where there is none.
 * @param {Uint16Array} row
 * @param {string[]} words
 * @param {number} i
 */
function joinedAt(row, words, i) {
  /** @type {number[]} */
  const bytes = [];
  for (let j = i; j < Math.min(row.length, i + LONGEST_CHARACTER); j++) {
    const match = FRAGMENT.exec(words[row[j]]);
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
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes));
  } catch {
    return null;
  }
}
