// The same quiz in two tabs of one browser: the older one is told.

import { banner } from "./announcing.js";

export function watchTabs(attempt) {
  if (!("BroadcastChannel" in globalThis)) return;
  const channel = new BroadcastChannel("quizapp:attempts");
  channel.addEventListener("message", (event) => {
    if (event.data.attempt !== attempt) return;
    banner("This quiz was opened in another tab. Answers you give there may be newer.", [
      { label: "Continue here", act: () => location.reload() },
    ]);
  });
  channel.postMessage({ attempt });
}
