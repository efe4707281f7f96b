// What is said to the reader: politely to screen readers, and in banners for what needs a decision.

/** Say a sentence through the page's live region, also when it is the same as before. */
export function announce(sentence) {
  const region = document.querySelector("[data-announce]");
  if (!region) return;
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = sentence;
  });
}

/**
 * Show a banner above the question, in place of an earlier one about the same thing.
 * Each choice is a label with what happens: an address to go to, or something to do.
 */
export function banner(about, word, sentence, choices = []) {
  hideBanner(about);
  const place = document.querySelector("[data-banners]");
  const shown = place.querySelector("template").content.firstElementChild.cloneNode(true);
  shown.dataset.about = about;
  shown.querySelector("[data-word]").textContent = `${word}:`;
  shown.querySelector("[data-sentence]").textContent = sentence;
  const buttons = shown.querySelector("[data-choices]");
  buttons.hidden = choices.length === 0;
  buttons.append(...choices.map((choice) => button(about, choice)));
  place.append(shown);
  announce(`${word}: ${sentence}`);
}

export function hideBanner(about) {
  document.querySelector(`[data-banners] > [data-about="${about}"]`)?.remove();
}

function button(about, { label, act, href }) {
  const shown = document.createElement(href ? "a" : "button");
  shown.className = "button button-secondary";
  shown.textContent = label;
  if (href) shown.href = href;
  else shown.type = "button";
  shown.addEventListener("click", () => {
    if (!href) hideBanner(about);
    act?.();
  });
  return shown;
}
