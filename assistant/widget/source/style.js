/** How the window looks. Colours of the vertical come with its settings; a page may set `--assistant-…` itself. */

const DARK = `
  --own-ground: #16181b; --own-surface: #1f2226; --own-ink: #e8e7e4; --own-quiet: #a9b1b9; --own-line: #3a4047; --own-problem: #ff9d94;
  color-scheme: dark;
`;

export const STYLE = `
:host { all: initial; display: block; height: 100%;
  --own-ground: #fbfaf8; --own-surface: #ffffff; --own-ink: #1d2125; --own-quiet: #59626b; --own-line: #dcd9d2; --own-problem: #9c1f19;
  --own-accent: #1f5c5c; --own-on-accent: #ffffff; color-scheme: light;
}
@media (prefers-color-scheme: dark) { :host(:not([scheme="light"])) { ${DARK} } }
:host([scheme="dark"]) { ${DARK} }
:host([hidden]) { display: none; }
[hidden] { display: none !important; }
*, ::before, ::after { box-sizing: border-box; }
.root {
  --accent: var(--assistant-accent, var(--own-accent)); --on-accent: var(--assistant-on-accent, var(--own-on-accent));
  --ground: var(--assistant-ground, var(--own-ground)); --surface: var(--assistant-surface, var(--own-surface));
  --ink: var(--assistant-ink, var(--own-ink)); --quiet: var(--assistant-quiet, var(--own-quiet)); --line: var(--assistant-line, var(--own-line));
  display: flex; flex-direction: column; height: 100%; background: var(--ground); color: var(--ink); text-align: start;
  font: 1rem/1.55 var(--assistant-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
}
h2, h3, p, ul, blockquote { margin: 0; padding: 0; }
ul { list-style: none; }
button, input, textarea { font: inherit; color: inherit; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.icon { flex: none; width: 1.25rem; height: 1.25rem; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.quiet { color: var(--quiet); font-size: .875rem; }
.quiet:empty, .problem:empty, .status:empty, .foot:empty, .brought:empty { display: none; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: .6rem; margin-top: .75rem; }
.end { justify-content: flex-end; }

header { position: relative; display: flex; align-items: center; gap: .25rem; padding: .75rem .75rem .75rem 1.15rem; padding-inline: 1.15rem .75rem; background: var(--accent); color: var(--on-accent); }
[dir="rtl"] > header h2, [dir="rtl"] > .notice { text-align: right; }
header h2 { flex: 1; max-height: 4.2em; overflow: auto; font-size: 1.0625rem; font-weight: 650; line-height: 1.3; overflow-wrap: anywhere; }
header :focus-visible { outline-color: var(--on-accent); outline-offset: -2px; }
.bare { display: grid; place-items: center; width: 2.5rem; height: 2.5rem; border: 0; border-radius: .6rem; background: none; }
.bare:hover { background: color-mix(in srgb, currentColor 16%, transparent); }
.bare path { stroke-width: 2.4; }
.menu { position: absolute; z-index: 2; inset-block-start: 3.4rem; inset-inline-end: .75rem; display: grid; min-width: 13rem; padding: .35rem; border: 1px solid var(--line); border-radius: .7rem; background: var(--surface); color: var(--ink); box-shadow: 0 .8rem 2rem rgb(0 0 0 / 22%); }
.menu button { min-height: 2.5rem; padding: .4rem .8rem; border: 0; border-radius: .45rem; background: none; text-align: start; }
.menu button:hover, .menu button:focus-visible { background: color-mix(in srgb, var(--accent) 12%, transparent); outline-color: var(--accent); }
.notice { flex: none; max-height: 5.5rem; overflow: auto; padding: .5rem 1.15rem; border-block-end: 1px solid var(--line); background: var(--surface); color: var(--quiet); font-size: .875rem; }
.notice::before { content: ""; display: inline-block; width: .5rem; height: .5rem; margin-inline-end: .5rem; border-radius: 50%; background: var(--accent); }

.log { position: relative; flex: 1; min-height: 0; padding: 1rem 1.15rem; overflow-y: auto; overscroll-behavior: contain; scrollbar-width: thin; }
.log:focus-visible { outline-offset: -3px; }
.welcome { padding: .5rem 0; color: var(--quiet); }
.root > .welcome { flex: 1; padding: 1.5rem 1.15rem; }
.suggestions { display: grid; justify-items: start; gap: .45rem; margin-top: 1rem; }
.suggestion { display: flex; align-items: center; gap: .5rem; min-height: 2.25rem; padding: .4rem .85rem; border: 1px solid var(--line); border-radius: 1.2rem; background: var(--surface); color: var(--ink); font-size: .9375rem; line-height: 1.35; text-align: start; }
.suggestion:hover { border-color: var(--accent); }
.person { color: var(--accent); font-weight: 600; }

.turn + .turn { margin-top: 1.6rem; }
.question { width: fit-content; max-width: 88%; margin-inline-start: auto; padding: .55rem .9rem; border-radius: 1rem; border-end-end-radius: .25rem; background: color-mix(in srgb, var(--accent) 13%, var(--ground)); white-space: pre-wrap; overflow-wrap: anywhere; }
.attached { display: block; color: var(--quiet); font-size: .8125rem; }
.answer { margin-top: .9rem; overflow-wrap: anywhere; }
.text p + p, .text h3 { margin-top: .65rem; }
.text p { white-space: pre-line; }
.text h3 { font-size: 1rem; }
.sentence { animation: arrive .3s ease-out; }
@keyframes arrive { from { opacity: 0; } }
.outcome { display: flex; align-items: center; gap: .5rem; margin-bottom: .5rem; color: var(--quiet); font-size: .875rem; font-weight: 600; }
[data-outcome="quoted"] .text { padding-inline-start: .9rem; border-inline-start: 3px solid var(--accent); font-family: Georgia, "Noto Serif", serif; }
[data-outcome="quoted"] .outcome::before { content: "\\201C"; color: var(--accent); font: 700 1.7rem/0 Georgia, serif; transform: translateY(.35rem); }
[data-outcome="unanswered"] .text, [data-outcome="declined"] .text { padding: .7rem .9rem; border: 1px dashed var(--quiet); border-radius: .7rem; background: var(--surface); }
[data-outcome="declined"] .text { border-style: solid; border-color: var(--line); }
[data-outcome="unanswered"] .outcome::before { content: "?"; display: grid; place-items: center; width: 1.3rem; height: 1.3rem; border: 1.5px solid; border-radius: 50%; line-height: 1; }
.status { display: flex; align-items: center; gap: .6rem; color: var(--quiet); font-size: .9375rem; }
.status::before { content: ""; flex: none; width: .55rem; height: .55rem; border-radius: 50%; background: var(--accent); animation: breathe 1.4s ease-in-out infinite; }
@keyframes breathe { 50% { opacity: .25; transform: scale(.75); } }
.text:not(:empty) + .status { margin-top: .5rem; }
.problem { margin-top: .4rem; color: var(--own-problem); }

.cite { min-width: 1.5rem; min-height: 1.5rem; margin-inline-start: .25rem; padding: 0 .3rem; border: 1px solid color-mix(in srgb, var(--accent) 45%, transparent); border-radius: .45rem; background: none; color: var(--accent); font: 650 .75rem/1 var(--assistant-font, system-ui, sans-serif); vertical-align: .1em; }
.cite:hover, .sources button:hover .number { background: var(--accent); color: var(--on-accent); }
.support { display: block; margin: .1rem 0 .35rem; padding-inline-start: .6rem; border-inline-start: 2px solid var(--accent); color: var(--quiet); font: .8125rem/1.4 var(--assistant-font, system-ui, sans-serif); }
.sources { margin-top: .7rem; font-size: .875rem; }
.sources button { display: flex; align-items: center; gap: .55rem; width: 100%; min-height: 2rem; padding: .15rem 0; border: 0; background: none; text-align: start; }
.sources button:hover span:last-child { text-decoration: underline; }
.number { display: grid; flex: none; place-items: center; min-width: 1.5rem; height: 1.5rem; border: 1px solid color-mix(in srgb, var(--accent) 45%, transparent); border-radius: .45rem; color: var(--accent); font-size: .75rem; font-weight: 650; }
.omitted { margin-top: .8rem; padding: .7rem .9rem; border: 1px solid var(--line); border-inline-start: 3px solid var(--accent); border-radius: .5rem; background: var(--surface); font-size: .9375rem; }
.omitted h3 { font-size: .9375rem; }
.omitted li { margin-top: .25rem; }
.actions { display: flex; gap: .15rem; margin-top: .45rem; margin-inline-start: -.4rem; }
.tool { display: grid; place-items: center; width: 2.1rem; height: 2.1rem; border: 0; border-radius: .5rem; background: none; color: var(--quiet); }
.tool .icon { width: 1.1rem; height: 1.1rem; }
.tool:hover { background: color-mix(in srgb, var(--accent) 12%, transparent); color: var(--ink); }
.tool[aria-pressed="true"] { background: color-mix(in srgb, var(--accent) 16%, transparent); color: var(--accent); }
.tool[aria-pressed="true"] .icon { stroke-width: 2.6; }
.reason input { flex: 1 1 10rem; }
.foot + .quiet { margin-top: .35rem; }

.dock { padding: .6rem .8rem max(.6rem, env(safe-area-inset-bottom)); border-block-start: 1px solid var(--line); background: var(--surface); }
.line { display: flex; align-items: flex-end; gap: .35rem; }
textarea, input:not([type="file"]) { width: 100%; min-height: 2.5rem; padding: .5rem .7rem; border: 1px solid var(--quiet); border-radius: .7rem; background: var(--ground); resize: none; unicode-bidi: plaintext; }
.line textarea { field-sizing: content; max-height: 9rem; border-radius: 1.25rem; padding-inline: 1rem; }
::placeholder { color: var(--quiet); opacity: 1; }
.round { display: grid; flex: none; place-items: center; width: 2.5rem; height: 2.5rem; border: 0; border-radius: 50%; background: none; color: var(--quiet); }
.round:hover { color: var(--ink); }
.solid { min-height: 2.5rem; padding: .4rem 1.1rem; border: 1px solid transparent; border-radius: .6rem; background: var(--accent); color: var(--on-accent); font-weight: 600; }
.round.solid { min-height: 0; padding: 0; border-radius: 50%; }
.solid:hover { filter: brightness(1.1); color: var(--on-accent); }
.soft { display: inline-flex; align-items: center; justify-content: center; gap: .5rem; min-height: 2.5rem; padding: .35rem 1rem; border: 1px solid var(--line); border-radius: .6rem; background: none; color: var(--ink); font-size: .9375rem; text-decoration: none; }
.soft:hover { border-color: var(--accent); }
.soft:disabled { opacity: .55; cursor: default; }
.wide { width: 100%; margin-block: .8rem; border-style: dashed; border-color: var(--quiet); }
.disclaimer { max-height: 4rem; overflow: auto; margin-top: .45rem; color: var(--quiet); font-size: .75rem; line-height: 1.4; text-align: center; }
.brought { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem; margin-bottom: .5rem; }
.chip { display: inline-flex; align-items: center; gap: .2rem; max-width: 100%; padding-inline: .7rem .15rem; border: 1px solid var(--line); border-radius: 1rem; background: var(--ground); font-size: .875rem; }
.chip span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.chip button { display: grid; place-items: center; width: 1.9rem; height: 1.9rem; border: 0; border-radius: 50%; background: none; }
.chip .icon { width: .9rem; height: .9rem; }
.brought .soft { min-height: 1.9rem; padding-block: .1rem; border-radius: 1rem; border-color: var(--accent); color: var(--accent); font-size: .875rem; font-weight: 600; }

dialog { width: min(36rem, calc(100vw - 2rem)); max-height: calc(100dvh - 2rem); padding: 1.4rem; border: 1px solid var(--line); border-radius: 1rem; background: var(--surface); color: var(--ink); box-shadow: 0 1rem 4rem rgb(0 0 0 / 35%); }
dialog::backdrop { background: rgb(0 0 0 / 45%); }
dialog h2 { margin-bottom: .3rem; font-size: 1.125rem; line-height: 1.3; overflow-wrap: anywhere; }
dialog p + p { margin-top: .35rem; }
dialog p + form, dialog textarea, dialog blockquote { margin-top: .6rem; }
blockquote { position: relative; max-height: 55dvh; padding: .2rem .9rem; overflow: auto; border-inline-start: 3px solid var(--accent); color: var(--quiet); white-space: pre-wrap; overflow-wrap: anywhere; }
.passage { color: var(--ink); }
mark { border-radius: .2rem; background: color-mix(in srgb, var(--accent) 24%, transparent); color: inherit; box-decoration-break: clone; }
.word { background: color-mix(in srgb, var(--accent) 38%, transparent); font-weight: 650; }
@media (prefers-reduced-motion: reduce) { *, ::before { animation: none !important; scroll-behavior: auto !important; } }
@media (forced-colors: active) { .number, .cite, .round.solid, .solid { border: 1px solid; } }
`;

/**
 * The vertical's colours; anything that is no colour is left out.
 * @param {{light: import("./types.js").Colours, dark: import("./types.js").Colours}} theme
 */
export function coloursOf({ light, dark }) {
  return `:host { ${own(light)} } @media (prefers-color-scheme: dark) { :host(:not([scheme="light"])) { ${own(dark)} } } :host([scheme="dark"]) { ${own(dark)} }`;
}

/** @param {import("./types.js").Colours} colours */
function own({ accent, on_accent }) {
  const sane = [accent, on_accent].every((colour) => /^#[0-9a-f]{6}$/i.test(colour));
  return sane ? `--own-accent: ${accent}; --own-on-accent: ${on_accent};` : "";
}
