/** Talking to the service: settings, one streamed answer, and what visitors may do with it. */

/** A refusal of the service that says why. */
export class Problem extends Error {
  /**
   * @param {string} detail
   * @param {number} status
   * @param {string} kind The last part of the problem's type: `rate-limited`, `budget-spent`, …
   * @param {number | null} [retryAfter] In seconds.
   * @param {string | null} [field] Path of the field that is meant, such as `messages[0].content`.
   */
  constructor(detail, status, kind, retryAfter = null, field = null) {
    super(detail);
    this.status = status;
    this.kind = kind;
    this.retryAfter = retryAfter;
    this.field = field;
  }
}

/** How long to wait before each further try to go on with a broken stream, in seconds. */
const PAUSES_S = [0.3, 1, 2, 4, 8];
/** What an error in a stream would have been as a response of its own, where it is not that the service cannot answer. @type {Record<string, number>} */
const STATUSES = { "not-found": 404, "too-large": 413 };

/** The calls, for one vertical and one token. */
export class Service {
  /**
   * @param {string} address
   * @param {string} vertical
   * @param {string} token
   * @param {() => string | null} visitor What tells this visitor from others; null before the first question.
   */
  constructor(address, vertical, token, visitor) {
    this.address = address;
    this.vertical = vertical;
    this.token = token;
    this.visitor = visitor;
    this.most = Infinity;
  }

  /** @returns {Promise<import("./types.js").Settings>} */
  async settings() {
    /** @type {import("./types.js").Settings} */
    const settings = await (await this.call("GET", `/v1/verticals/${encodeURIComponent(this.vertical)}`)).json();
    this.most = settings.limits.request_bytes;
    return settings;
  }

  /**
   * The text of a file.
   * @param {File} file
   * @returns {Promise<import("./types.js").Document>}
   */
  async read(file) {
    const form = new FormData();
    form.append("file", file);
    return (await this.call("POST", "/v1/files", { body: form })).json();
  }

  /** @param {string} answerId */
  async stop(answerId) {
    await this.call("DELETE", `/v1/answers/${encodeURIComponent(answerId)}/stream`, { keepalive: true });
  }

  /**
   * Erases a conversation; one that is gone already is no problem.
   * @param {string} conversation
   */
  async erase(conversation) {
    try {
      await this.call("DELETE", `/v1/conversations/${encodeURIComponent(conversation)}`);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 404) throw error;
    }
  }

  /**
   * @param {string} answerId
   * @param {"up" | "down"} rating
   * @param {string} reason
   */
  async rate(answerId, rating, reason) {
    await this.send("/v1/feedback", { answer_id: answerId, rating, ...(reason && { reason }) });
  }

  /**
   * Gives the conversation to a person.
   * @param {string} conversation
   * @param {string} reason
   * @returns {Promise<{text: string | null, mailto: string | null}>}
   */
  async handOver(conversation, reason) {
    return (await this.send("/v1/handover", { conversation_id: conversation, ...(reason && { reason }) })).json();
  }

  /**
   * The response to `body`; one over the limit is refused here, as no page may read that refusal of the service.
   * @param {string} path
   * @param {object} body
   * @param {RequestInit} [more]
   */
  async send(path, body, more = {}) {
    const sent = JSON.stringify(body);
    if (new Blob([sent]).size > this.most) throw new Problem("the request is too large", 413, "too-large");
    const headers = { "content-type": "application/json", ...more.headers };
    return this.call("POST", path, { ...more, body: sent, headers });
  }

  /**
   * A response that is well; otherwise a Problem is thrown, or what fetch throws where nothing was reached.
   * @param {string} method
   * @param {string} path
   * @param {RequestInit} [more]
   */
  async call(method, path, more = {}) {
    const visitor = this.visitor();
    const headers = { authorization: `Bearer ${this.token}`, ...(visitor && { "x-visitor": visitor }), ...more.headers };
    const response = await fetch(this.address + path, { ...more, method, headers, credentials: "omit" });
    if (!response.ok) throw await problemOf(response);
    return response;
  }
}

/** One question and the stream of its answer, which goes on where it broke. */
export class Exchange {
  #service;
  #body;
  #key;
  #ending = new AbortController();
  /** @type {{answerId: string, last: number} | null} */
  #place;
  #stopped = false;

  /**
   * @param {Service} service
   * @param {object | null} body The question; null for an answer that was asked for before.
   * @param {string} key Makes sure that a question sent twice is asked once.
   * @param {string | null} answerId Of an answer that was asked for before.
   */
  constructor(service, body, key, answerId = null) {
    this.#service = service;
    this.#body = body;
    this.#key = key;
    this.#place = answerId ? { answerId, last: -1 } : null;
  }

  /** Ends it, here and at the service, which is freed as soon as the answer has a name to stop it by. */
  stop() {
    this.#stopped = true;
    if (this.#place) this.#end(this.#place.answerId);
  }

  /**
   * The events; ends after the answer, or without it when it was stopped. Throws what the calls throw.
   * @returns {AsyncGenerator<import("./types.js").StreamEvent, void, void>}
   */
  async *events() {
    for (let tries = 0; ; ) {
      try {
        for await (const event of parsed(await this.#connect())) {
          tries = 0;
          if (event.number !== null && this.#place) this.#place.last = event.number;
          if ("opened" in event.told && !this.#place) {
            this.#place = { answerId: event.told.opened.answer_id, last: 0 };
            if (this.#stopped) this.#end(this.#place.answerId);
          }
          if (this.#stopped) return;
          yield event.told;
          if ("answer" in event.told) return;
        }
        throw new TypeError("the stream broke");
      } catch (error) {
        if (this.#stopped) return;
        const atWork = error instanceof Problem && error.status === 409; // Our first try, which we lost sight of.
        const most = this.#place || atWork ? PAUSES_S.length : 1;
        if ((error instanceof Problem && !atWork) || tries >= most) throw error;
        yield { stage: "again" };
        await pause(PAUSES_S[tries++] ?? 1);
        if (this.#stopped) return;
      }
    }
  }

  #connect() {
    const signal = this.#ending.signal;
    if (this.#place) {
      const { answerId, last } = this.#place;
      return this.#service.call("GET", `/v1/answers/${encodeURIComponent(answerId)}/stream?after=${last}`, { signal });
    }
    const headers = { "idempotency-key": this.#key };
    return this.#service.send("/v1/chat/completions", { ...this.#body, stream: true }, { signal, headers });
  }

  /** @param {string} answerId */
  #end(answerId) {
    this.#ending.abort();
    this.#service.stop(answerId).catch(() => {}); // It ends by itself a little later when nobody listens.
  }
}

/** @param {number} seconds */
function pause(seconds) {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** @param {Response} response */
async function problemOf(response) {
  const problem = await response.json().catch(() => ({}));
  const kind = String(problem.type ?? "").split(":").pop() ?? "";
  const retryAfter = Number(response.headers.get("retry-after")) || null;
  return new Problem(String(problem.detail ?? response.statusText), response.status, kind, retryAfter, problem.error?.param ?? null);
}

/** @param {Response} response */
async function* linesOf(response) {
  const stream = /** @type {ReadableStream<BufferSource>} */ (response.body);
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (pending + value).split("\n");
      pending = lines.pop() ?? "";
      yield* lines;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/**
 * @param {Response} response
 * @returns {AsyncGenerator<{number: number | null, told: import("./types.js").StreamEvent}>}
 */
async function* parsed(response) {
  let number = null;
  for await (const line of linesOf(response)) {
    if (line.startsWith("id: ")) number = Number(line.slice(4));
    const told = eventOf(line);
    if (told) yield { number, told };
  }
}

/**
 * @param {string} line
 * @returns {import("./types.js").StreamEvent | null}
 */
function eventOf(line) {
  if (line.startsWith(": ")) return { stage: line.slice(2) };
  if (!line.startsWith("data: {")) return null;
  const { error, choices, assistant } = JSON.parse(line.slice(6));
  if (error) throw new Problem(error.message, STATUSES[error.code] ?? 503, error.code, null, error.param);
  const [choice] = choices;
  if (choice?.finish_reason) return { answer: assistant };
  if (choice?.delta.role) return { opened: assistant };
  if (!choice?.delta.content) return null;
  return { said: { text: choice.delta.content, sentence: assistant.sentence, citations: assistant.citations } };
}
