/** Talking to the service: one streamed answer, and the erasure of a conversation. */

/** An answer of the service that says why it could not do what was asked. */
export class Problem extends Error {
  constructor(message, status, retryAfter) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * The events of one answer: {stage}, {text, sentence, citations} for each checked sentence, and {answer} last.
 * Throws a Problem, or an AbortError once `signal` is aborted; the server then ends the work after its grace.
 */
export async function* ask(body, key, signal) {
  const response = await fetch("/v1/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify({ ...body, stream: true }),
    signal,
  });
  if (!response.ok) throw await problemOf(response);
  for await (const line of linesOf(response.body)) {
    const event = eventOf(line);
    if (event) yield event;
  }
}

/** Erases a conversation on the server; one that is gone already is no problem. */
export async function erase(conversation, key) {
  const response = await fetch(`/v1/conversations/${encodeURIComponent(conversation)}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${key}` },
  });
  if (!response.ok && response.status !== 404) throw await problemOf(response);
}

async function problemOf(response) {
  const problem = await response.json().catch(() => ({}));
  const retryAfter = Number(response.headers.get("retry-after")) || null;
  return new Problem(problem.detail ?? response.statusText, response.status, retryAfter);
}

async function* linesOf(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (pending + value).split("\n");
    pending = lines.pop();
    yield* lines;
  }
}

function eventOf(line) {
  if (line.startsWith(": ")) return { stage: line.slice(2) };
  if (!line.startsWith("data: ") || line === "data: [DONE]") return null;
  const chunk = JSON.parse(line.slice(6));
  if (chunk.error) throw new Problem(chunk.error.message, 500, null);
  const choice = chunk.choices[0];
  if (choice?.finish_reason) return { answer: chunk.assistant };
  if (!choice?.delta.content) return null;
  return { text: choice.delta.content, sentence: chunk.assistant?.sentence, citations: chunk.assistant?.citations ?? [] };
}
