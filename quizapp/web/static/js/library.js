// Comforts of the list of questions: the key for the search, ranges of checks, and how many there are.

const TYPING = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";

const search = document.querySelector("[data-library-search]");
const words = search?.querySelector("[name=q]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (words?.dataset.shortcuts !== "on" || event.target.matches(TYPING)) return;
  event.preventDefault();
  words.focus();
  words.select();
});

// An address says only what is asked for.
search?.addEventListener("submit", () => {
  for (const field of search.querySelectorAll("input, select")) {
    field.disabled = field.value === "" || (field.name === "sort" && field.value === "changed");
  }
});
addEventListener("pageshow", () => {
  for (const field of search?.querySelectorAll("input, select") ?? []) field.disabled = false;
});

const list = document.querySelector("[data-library]");
if (list) watchChecks(list);

function watchChecks(form) {
  const boxes = [...form.querySelectorAll("input[name=question]")];
  const label = form.querySelector("[data-check-page]");
  const whole = label.querySelector("input");
  const all = form.querySelector("input[name=all]");
  const bar = form.querySelector("[data-checked-bar]");
  const told = form.querySelector("[data-checked]");
  let last = null;

  label.hidden = false;
  whole.addEventListener("change", () => {
    for (const box of boxes) box.checked = whole.checked;
    tell();
  });
  for (const box of boxes) {
    box.addEventListener("click", (event) => {
      // With Shift, everything between the last box and this one becomes like this one.
      if (event.shiftKey && last) {
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
        for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
      }
      last = box;
      tell();
    });
  }
  all?.addEventListener("change", tell);

  function tell() {
    const count = boxes.filter((box) => box.checked).length;
    whole.checked = count === boxes.length;
    whole.indeterminate = count > 0 && count < boxes.length;
    bar.hidden = !count && !all?.checked;
    told.textContent = all?.checked ? "All that match" : `${count} checked`;
  }

  tell();
}
