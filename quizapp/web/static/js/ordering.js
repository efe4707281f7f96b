// Ordering by buttons, keys or dragging. The selects stay what is sent; without this script they are what is used.

import { announce } from "./announcing.js";

export function enhanceOrdering(list, changed) {
  if (!list) return;
  const moves = document.querySelector("[data-ordering-moves]");
  const items = () => [...list.querySelectorAll(":scope > [data-item]")];
  arrange(list, items());
  list.classList.add("is-enhanced");
  for (const item of items()) {
    item.querySelector("select").hidden = true;
    item.append(moves.content.cloneNode(true));
    item.draggable = true;
    item.addEventListener("dragstart", () => item.classList.add("is-moving"));
    item.addEventListener("dragend", () => {
      item.classList.remove("is-moving");
      settle();
    });
  }
  list.addEventListener("dragover", (event) => {
    const moving = list.querySelector(".is-moving");
    if (!moving) return;
    event.preventDefault();
    const after = items().find((item) => item !== moving && event.clientY < middle(item));
    list.insertBefore(moving, after ?? null);
  });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (button) move(button.closest("[data-item]"), button.dataset.move);
  });

  const keep = document.querySelector("[data-ordering-keep]");
  if (keep) {
    list.after(keep.content.cloneNode(true));
    list.nextElementSibling.addEventListener("click", settle);
  }

  function move(item, direction) {
    const other = direction === "up" ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (direction === "up") other.before(item);
    else other.after(item);
    item.querySelector(`[data-move=${direction}]`).focus();
    settle();
    announce(`Now at place ${items().indexOf(item) + 1} of ${items().length}.`);
  }

  function settle() {
    items().forEach((item, index) => {
      item.querySelector("select").value = String(index + 1);
    });
    changed();
  }

  list.closest("form")?.addEventListener("cleared", () => {
    for (const item of items()) item.querySelector("select").value = "";
  });
}

/** Show the items in the order that the selects say. */
function arrange(list, items) {
  const place = (item) => Number(item.querySelector("select").value) || Infinity;
  for (const item of [...items].sort((a, b) => place(a) - place(b) || 0)) list.append(item);
}

function middle(item) {
  const box = item.getBoundingClientRect();
  return box.top + box.height / 2;
}
