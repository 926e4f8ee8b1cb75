/**
 * What the service tells, and what the parts of the widget hand each other.
 *
 * @typedef {object} Citation
 * @property {number} n
 * @property {string} document
 * @property {string} title
 * @property {string} text
 * @property {number} start
 * @property {number} end
 * @property {string | null} [effective]
 * @property {string | null} [link]
 *
 * @typedef {object} Sentence
 * @property {string} text
 * @property {boolean} claim
 * @property {number | null} [support]
 * @property {number[]} citations
 *
 * @typedef {"answered" | "quoted" | "declined" | "unanswered"} Outcome
 * @typedef {"answer" | "summarize" | "write"} Task
 *
 * @typedef {object} Answer
 * @property {string} answer_id
 * @property {string} conversation_id
 * @property {Outcome} outcome
 * @property {Task} task
 * @property {Sentence[]} sentences
 * @property {Citation[]} citations
 * @property {{kind: string, text: string}[]} omitted
 *
 * @typedef {object} SentenceEvent
 * @property {string} text With the white space that comes before it.
 * @property {Sentence} sentence
 * @property {Citation[]} citations
 *
 * @typedef {{stage: string}
 *   | {opened: {answer_id: string, conversation_id: string}}
 *   | {said: SentenceEvent}
 *   | {answer: Answer}} StreamEvent
 *
 * @typedef {object} Document A text the visitor brought.
 * @property {string} id
 * @property {string} title
 * @property {string} text
 *
 * @typedef {object} Settings What a page shows of a vertical.
 * @property {string} name
 * @property {string} title
 * @property {string} language
 * @property {Task[]} tasks
 * @property {string} notice
 * @property {string | null} disclaimer
 * @property {string[]} suggestions
 * @property {{light: Colours, dark: Colours}} theme
 * @property {{text: string | null, mailto: string | null, person: boolean}} handoff
 * @property {{file_bytes: number, document_characters: number, question_characters: number, request_bytes: number}} limits
 *
 * @typedef {{accent: string, on_accent: string}} Colours
 *
 * @typedef {object} Kept One turn as this tab remembers it.
 * @property {string} question
 * @property {string} attached
 * @property {(string | SentenceEvent)[]} [said]
 * @property {string} [answerId] Of one that was still coming.
 * @property {string} [conversation]
 * @property {Answer} [answer]
 * @property {string[]} [joiners] The white space before each sentence of the answer.
 */

export {};
