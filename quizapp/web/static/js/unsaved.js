// Leaving a form with changes that were not sent asks first. Only forms that lose much: see data-warns-unsaved.

for (const form of document.querySelectorAll("form[data-warns-unsaved]")) {
  // A form that came back with errors holds what was typed, and none of it is saved.
  let changed = form.dataset.warnsUnsaved === "now";
  form.addEventListener("input", () => (changed = true));
  form.addEventListener("submit", () => (changed = false));
  addEventListener("beforeunload", (event) => changed && event.preventDefault());
}
