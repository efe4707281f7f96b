// Talking to the server: every answer of it becomes one of a few outcomes.

const RETRY_STATUSES = new Set([408, 425, 429, 500, 502, 503, 504]);
const FORGOTTEN_STATUSES = new Set([400, 401]);
const TIMEOUT = 10_000;

function token() {
  return document.querySelector("meta[name=csrf-token]").content;
}

/**
 * Fetch a token that fits the session as it is now, for example after signing in again in another tab.
 * False where this learner is not signed in.  Rejects where the server does not say.
 */
async function renewToken(sessionApi, learner) {
  const answer = await fetch(sessionApi, {
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(TIMEOUT),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  const session = await answer.json();
  if (!session.signed_in || String(session.learner) !== String(learner)) return false;
  document.querySelector("meta[name=csrf-token]").content = session.csrf_token;
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = session.csrf_token;
  return true;
}

/**
 * PUT a document. Resolves to {kind, ...}: saved, retry, offline, signed-out, refused (422), conflict (409) or lost.
 * It never rejects.
 */
export async function put(address, document_, { sessionApi, learner }) {
  const once = () =>
    fetch(address, {
      method: "PUT",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
      body: JSON.stringify(document_),
      keepalive: true,
      signal: AbortSignal.timeout(TIMEOUT),
    });
  try {
    let answer = await once();
    if (FORGOTTEN_STATUSES.has(answer.status)) {
      if (!(await renewToken(sessionApi, learner))) return { kind: "signed-out" };
      answer = await once();
    }
    return await outcome(answer);
  } catch {
    return { kind: navigator.onLine ? "retry" : "offline" };
  }
}

async function outcome(answer) {
  if (RETRY_STATUSES.has(answer.status)) return { kind: "retry" };
  if (answer.ok) return { kind: "saved", ...(await answer.json()) };
  const said = await answer.json().catch(() => ({}));
  if (answer.status === 401) return { kind: "signed-out" };
  if (answer.status === 409) return { kind: "conflict", ...said };
  if (answer.status === 422) return { kind: "refused", ...said };
  return { kind: "lost", ...said };
}
