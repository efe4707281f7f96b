// Small comforts for every page. Everything here also works without it.

// The colour switch takes effect at once and is remembered by the server.
const themeSwitch = document.querySelector("[data-theme-switch]");

themeSwitch?.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (!button) return;
  event.preventDefault();
  const form = new FormData(themeSwitch, button);
  try {
    const answer = await fetch(themeSwitch.action, { method: "POST", body: form });
    if (!answer.ok) throw new Error(String(answer.status));
    show(button);
  } catch {
    themeSwitch.querySelector("[name=next]").insertAdjacentElement("afterend", hidden(button));
    themeSwitch.submit();
  }
});

function show(button) {
  const theme = button.value;
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  document.querySelector("meta[name=color-scheme]").content = theme === "system" ? "light dark" : theme;
  for (const other of themeSwitch.querySelectorAll("button")) {
    other.setAttribute("aria-pressed", String(other === button));
  }
}

function hidden(button) {
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = button.name;
  field.value = button.value;
  return field;
}

// A list of errors takes the focus, so that it is read first.
document.querySelector("[data-focus]")?.focus();

// The menu of narrow screens closes with Esc and when the focus leaves it.
const menu = document.querySelector(".site-nav-narrow");

menu?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
menu?.addEventListener("focusout", (event) => {
  if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

// A box that scrolls sideways can be reached and moved by keyboard.
function reachable() {
  for (const box of document.querySelectorAll("pre, .table-scroll, .prose table, .math.block")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

reachable();
new ResizeObserver(reachable).observe(document.body);
