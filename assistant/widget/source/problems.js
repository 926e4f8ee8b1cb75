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
  if (error.status === 413 || error.status === 422) return error.message;
  return begun ? problem.broken : problem.busy;
}
