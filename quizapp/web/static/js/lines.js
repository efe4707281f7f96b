// The arrow keys move between the lines of a listing; the boxes themselves need no script.

const STEPS = new Map([
  ["ArrowDown", 1],
  ["ArrowUp", -1],
]);

export function enhanceLines(listing) {
  const boxes = [...listing.querySelectorAll("input[type=checkbox]")];
  const keys = listing.closest("fieldset").querySelector("[data-lines-keys]");
  if (keys) keys.hidden = false;
  listing.addEventListener("keydown", (event) => {
    const step = STEPS.get(event.key);
    if (!step || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    // From the box around the lines, down goes to the first of them.
    const next = boxes[boxes.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}
