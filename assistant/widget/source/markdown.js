/** An answer as Markdown, with everything that Markdown or HTML would read as more than text made harmless. */

/**
 * @param {{question: string, answer: import("./types.js").Answer, paragraphs: string, notice: string, disclaimer: string | null, texts: import("./en.js").Texts}} of
 */
export function markdownOf({ question, answer, paragraphs, notice, disclaimer, texts }) {
  const sources = answer.citations.map((each) => {
    const dated = each.effective ? ` (${each.effective})` : "";
    return `${each.n}. ${escaped(each.title)}${dated}${isWeb(each.link) ? ` <${each.link}>` : ""}\n\n   > ${quoted(each.text)}`;
  });
  const omitted = answer.omitted.map(({ kind, text }) => `- ${escaped(texts.omission[kind] ?? kind)}: ${escaped(text)}`);
  return [
    `# ${escaped(question).replace(/\s+/g, " ")}`,
    `*${escaped(texts.outcome[answer.outcome] || texts.answered)}*`,
    paragraphs,
    omitted.length ? `## ${texts.omitted}\n\n${omitted.join("\n")}` : "",
    sources.length ? `## ${texts.sources}\n\n${sources.join("\n\n")}` : "",
    `---\n\n${escaped(notice)}${disclaimer ? ` ${escaped(disclaimer)}` : ""}`,
  ]
    .filter(Boolean)
    .join("\n\n")
    .concat("\n");
}

/**
 * The sentences with the numbers of their sources.
 * @param {{sentence: import("./types.js").Sentence, joiner: string}[]} said
 */
export function paragraphsOf(said) {
  return said
    .map(({ sentence, joiner }) => {
      const heading = sentence.text.startsWith("## ");
      const words = heading ? `### ${escaped(sentence.text.slice(3))}` : escaped(sentence.text);
      const numbers = sentence.citations.map((n) => ` \\[${n}\\]`).join("");
      return `${heading ? "\n\n" : joiner.includes("\n") ? "\n\n" : joiner}${words}${numbers}${heading ? "\n\n" : ""}`;
    })
    .join("")
    .trim();
}

/** @param {string} text */
export function escaped(text) {
  return text.replace(/[\\`*_{}[\]<>()#+!|~&]/g, "\\$&").replace(/^(\s*)(-|=|\d+\.)/gm, "$1\\$2");
}

/** @param {string} text */
function quoted(text) {
  return escaped(text).replace(/\n/g, "\n   > ");
}

/**
 * Whether `link` leads to a page of the web, so that it may be offered.
 * @param {string | null | undefined} link
 * @returns {link is string}
 */
export function isWeb(link) {
  return typeof link === "string" && /^https?:\/\/[^\s<>"]+$/i.test(link);
}
