/** What went wrong, in words for visitors. */

import { filled } from "./elements.js";
import { Problem } from "./service.js";

/**
 * @param {unknown} error
 * @param {import("./en.js").Texts} texts
 * @param {boolean} [begun] Whether part of the answer was there.
 */
export function explained(error, { problem }, begun = false) {
  if (!(error instanceof Problem)) return navigator.onLine ? problem.unreachable : problem.offline;
  if (error.kind === "budget-spent") return problem.spent;
  if (error.status === 429) return filled(problem.limited, { seconds: error.retryAfter ?? 60 });
  if (error.status === 401 || error.status === 403) return problem.refused;
  if (error.status === 404) return problem.gone;
  if (error.status === 413 || error.status === 422) return problem[unread(error)];
  return begun ? problem.broken : problem.busy;
}

/**
 * What could not be read, by what the service says about it; its own words are for those who write programs.
 * @param {Problem} error
 */
function unread({ status, kind, field }) {
  if (field?.startsWith("messages")) return "question";
  if (field?.startsWith("documents[")) return "document";
  if (field === "file" || kind === "invalid-document") return "file";
  if (field === "conversation_id") return "conversation";
  return status === 413 ? "size" : "unfit";
}
