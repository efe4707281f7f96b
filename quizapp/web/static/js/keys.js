// Single keys of the player. They can be turned off, and never fire where somebody types.

const LETTERS = "ABCDEFGHIJKL";
const TYPING = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";

export function watchKeys(form, on) {
  if (!on) return;
  const help = document.getElementById("keyboard-help");
  const opener = document.querySelector("[data-open-keys]");
  opener.hidden = false;
  opener.addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]") || event.target.matches(TYPING)) return;
    if (act(event, form, help)) event.preventDefault();
  });
}

/** Do what a key stands for; false leaves it to the browser. */
function act(event, form, help) {
  const key = event.key.toUpperCase();
  switch (key) {
    case "?":
      help.showModal();
      return true;
    case "F":
      return press(form.querySelector("[data-flag]"));
    case "T":
      return document.dispatchEvent(new CustomEvent("say-time"));
    case "J":
      return press(form.querySelector("[data-next]"));
    case "K":
      return press(form.querySelector("[data-back]"));
    case "ARROWRIGHT":
      return !movesInside(event.target) && press(form.querySelector("[data-next]"));
    case "ARROWLEFT":
      return !movesInside(event.target) && press(form.querySelector("[data-back]"));
    case "ENTER":
      return !event.target.matches("a, button, summary") && press(form.querySelector("[data-primary], [data-next]"));
    default:
      return choose(form, key);
  }
}

/** Among radio buttons the arrows choose, and in a box of code they scroll, as everywhere. */
function movesInside(element) {
  return element.matches("input[type=radio]") || (element.tabIndex >= 0 && element.scrollWidth > element.clientWidth);
}

/** Where a question has several parts, letters choose in the part that has the focus, and nowhere else. */
function choose(form, key) {
  const part = form.querySelector("[data-part]") ? document.activeElement.closest("[data-part]") : form;
  const place = /^[1-9]$/.test(key) ? Number(key) - 1 : key.length === 1 ? LETTERS.indexOf(key) : -1;
  const option = part && place >= 0 ? part.querySelectorAll("input[data-key]")[place] : null;
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
