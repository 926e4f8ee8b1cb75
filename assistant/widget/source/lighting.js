/** Which part of a passage bears out a sentence: the passage's sentences that share most words with it. */

const WORD = /[\p{L}\p{N}]+(?:[.,:]\p{N}+)*/gu;

/**
 * `passage` in parts; those that are lit are what the sentences stand on, word by word.
 * @param {string} passage
 * @param {string[]} sentences
 * @returns {{text: string, lit: boolean, word: boolean}[]}
 */
export function lit(passage, sentences) {
  const wanted = new Set(sentences.flatMap(wordsOf));
  const parts = passage.split(/(?<=[.!?…])(?=\s)|(?=\n)/u);
  const found = parts.map((part) => {
    const all = new Set(wordsOf(part));
    const shared = [...all].filter((word) => wanted.has(word)).length;
    return { part, shared, whole: shared > 0 && shared === all.size };
  });
  const least = Math.max(1, 0.6 * Math.max(...found.map((each) => each.shared)));
  return found.flatMap(({ part, shared, whole }) => {
    if (whole) return [{ text: part, lit: true, word: false }]; // Quoted: no word of it says more than the others.
    return shared >= least ? words(part, wanted) : [{ text: part, lit: false, word: false }];
  });
}

/**
 * @param {string} part
 * @param {Set<string>} wanted
 */
function words(part, wanted) {
  const found = [];
  let end = 0;
  for (const match of part.matchAll(WORD)) {
    if (!wanted.has(match[0].toLowerCase())) continue;
    if (match.index > end) found.push({ text: part.slice(end, match.index), lit: true, word: false });
    end = match.index + match[0].length;
    found.push({ text: match[0], lit: true, word: true });
  }
  if (end < part.length) found.push({ text: part.slice(end), lit: true, word: false });
  return found;
}

/**
 * Words that say something: short ones without a digit are left out.
 * @param {string} text
 */
function wordsOf(text) {
  return (text.match(WORD) ?? []).filter((word) => word.length > 3 || /\p{N}/u.test(word)).map((word) => word.toLowerCase());
}

/**
 * Where a passage stands in the text of a document: what is before it and after it; null where it is not there as is.
 * Places are counted in characters as the service counts them, so that one emoji is one.
 * @param {string} text
 * @param {import("./types.js").Citation} citation
 */
export function around(text, citation) {
  const characters = Array.from(text);
  if (characters.slice(citation.start, citation.end).join("") !== citation.text) return null;
  return { before: characters.slice(0, citation.start).join(""), after: characters.slice(citation.end).join("") };
}
