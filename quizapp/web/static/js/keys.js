// Single keys of the player. They can be turned off, and never fire where somebody types.

const LETTERS = "ABCDEFGHIJKL";

export function watchKeys(form, on) {
  const help = document.getElementById("keyboard-help");
  if (!on) return;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help?.open) return;
    if (event.target.matches("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]")) return;
    if (act(event, form, help)) event.preventDefault();
  });
}

function act(event, form, help) {
  const key = event.key;
  const upper = key.toUpperCase();
  if (key === "?") return help?.showModal() ?? true;
  if (upper === "F") return press(form.querySelector("[data-flag]"));
  if (upper === "T") return document.dispatchEvent(new CustomEvent("say-time"));
  if (key === "ArrowRight" || upper === "J") return isRadio(event, key) ? false : press(form.querySelector("[data-next]"));
  if (key === "ArrowLeft" || upper === "K") return isRadio(event, key) ? false : press(form.querySelector("[data-back]"));
  if (key === "Enter") return event.target.matches("a, button, summary") ? false : press(form.querySelector("[data-primary], [data-next]"));
  return choose(form, upper);
}

/** Inside a group of radio buttons the arrows choose, as everywhere. */
function isRadio(event, key) {
  return key.startsWith("Arrow") && event.target.matches("input[type=radio]");
}

function choose(form, key) {
  const place = /^[1-9]$/.test(key) ? Number(key) - 1 : LETTERS.indexOf(key);
  const option = place >= 0 ? form.querySelectorAll("input[data-key]")[place] : null;
  if (!option) return false;
  option.focus();
  option.click();
  return true;
}

function press(control) {
  if (!control) return false;
  control.click();
  return true;
}
