// What is said to the reader: politely to screen readers, and in a banner for what needs a decision.

/** Say a sentence through the page's live region, also when it is the same as before. */
export function announce(sentence) {
  const region = document.querySelector("[data-announce]");
  if (!region) return;
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = sentence;
  });
}

/** Show a banner above the question. Each choice is a label with what happens. */
export function banner(sentence, choices = []) {
  const place = document.querySelector("[data-banner]");
  place.replaceChildren();
  place.className = "notice is-warning";
  const words = document.createElement("div");
  words.className = "notice-words";
  words.setAttribute("role", "status");
  words.append(`${sentence} `);
  for (const { label, act, href } of choices) {
    const choice = document.createElement(href ? "a" : "button");
    choice.className = "button button-quiet";
    choice.textContent = label;
    if (href) choice.href = href;
    else choice.type = "button";
    choice.addEventListener("click", () => {
      if (act) act();
      if (!href) hideBanner();
    });
    words.append(choice);
  }
  place.append(words);
  place.hidden = false;
}

export function hideBanner() {
  const place = document.querySelector("[data-banner]");
  place.hidden = true;
  place.replaceChildren();
}
