// Ordering by buttons, keys or dragging. The selects stay what is sent; without this script they are what is used.

import { announce } from "./announcing.js";

export function enhanceOrdering(list, changed) {
  const form = list.closest("form");
  const fieldset = list.parentElement;
  const items = () => [...list.querySelectorAll(":scope > [data-item]")];
  arrange();
  list.classList.add("is-enhanced");
  items().forEach(enhance);
  list.addEventListener("dragover", drag);
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (button) move(button.closest("[data-item]"), button.dataset.move);
  });
  form.addEventListener("restored", arrange);
  form.addEventListener("cleared", () => {
    for (const item of items()) item.querySelector("select").value = "";
  });
  list.after(fieldset.querySelector("[data-ordering-keep]").content.cloneNode(true));
  list.nextElementSibling.addEventListener("click", () => {
    settle();
    announce("This order is your answer.");
  });

  /** Show the items in the order that the selects say; those without a place stay behind, as they were. */
  function arrange() {
    const place = (item) => Number(item.querySelector("select").value) || Number.MAX_SAFE_INTEGER;
    list.append(...items().sort((a, b) => place(a) - place(b)));
  }

  function enhance(item) {
    const text = item.querySelector(".ordering-text").textContent.trim();
    item.querySelector("select").hidden = true;
    item.append(fieldset.querySelector("[data-ordering-moves]").content.cloneNode(true));
    for (const button of item.querySelectorAll("[data-move]")) {
      button.setAttribute("aria-label", `${button.textContent.trim()}: ${text}`);
    }
    item.draggable = true;
    item.addEventListener("dragstart", (event) => {
      // Some browsers only drag what carries data.
      event.dataTransfer.setData("text/plain", text);
      event.dataTransfer.effectAllowed = "move";
      item.classList.add("is-moving");
    });
    item.addEventListener("dragend", () => {
      item.classList.remove("is-moving");
      settle();
    });
  }

  function drag(event) {
    const moving = list.querySelector(".is-moving");
    if (!moving) return;
    event.preventDefault();
    const after = items().find((item) => item !== moving && event.clientY < middle(item));
    if (moving.nextElementSibling !== (after ?? null)) list.insertBefore(moving, after ?? null);
  }

  function move(item, direction) {
    const other = direction === "up" ? item.previousElementSibling : item.nextElementSibling;
    if (!other) {
      announce(direction === "up" ? "Already first." : "Already last.");
      return;
    }
    if (direction === "up") other.before(item);
    else other.after(item);
    item.querySelector(`[data-move=${direction}]`).focus();
    settle();
    announce(`Now at place ${items().indexOf(item) + 1} of ${items().length}.`);
  }

  /** The order as shown becomes the answer. */
  function settle() {
    items().forEach((item, index) => {
      item.querySelector("select").value = String(index + 1);
    });
    changed();
  }
}

function middle(item) {
  const box = item.getBoundingClientRect();
  return box.top + box.height / 2;
}
