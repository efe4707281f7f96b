// The same quiz in two tabs of one browser: the older one is told.

import { banner } from "./announcing.js";

export function watchTabs(attempt, reload) {
  if (!("BroadcastChannel" in globalThis)) return;
  const channel = new BroadcastChannel("quizapp:attempts");
  channel.addEventListener("message", (event) => {
    if (event.data.attempt !== attempt) return;
    banner("tabs", "Open elsewhere", "This quiz was opened in another tab. Answers given there may be newer.", [
      { label: "Continue here", act: reload },
    ]);
  });
  channel.postMessage({ attempt });
}
