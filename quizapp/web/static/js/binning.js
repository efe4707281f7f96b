// Sorting into bins by dragging or by each card's own select. The selects stay what is sent; without this script they
// are all there is. Saving hears of a move as of any other: by the select's change.

import { announce } from "./announcing.js";

export function enhanceBinning(box) {
  const list = box.querySelector("[data-binning-items]");
  const items = [...list.querySelectorAll("[data-item]")];
  const form = box.closest("form");
  box.append(box.querySelector("[data-binning-columns]").content.cloneNode(true));
  const bins = [...box.querySelectorAll("[data-bin]")];
  for (const item of items) enhance(item);
  arrange();
  list.remove();
  box.closest("fieldset").querySelector("[data-binning-about]")?.remove();
  box.classList.add("is-enhanced");
  for (const bin of bins) receive(bin);
  form?.addEventListener("restored", arrange);
  form?.addEventListener("cleared", arrange);

  /** Every card stands in the bin that its select names. */
  function arrange() {
    for (const item of items) home(item).querySelector("ul").append(item);
    count();
  }

  function home(item) {
    const { value } = item.querySelector("select");
    return bins.find((bin) => bin.dataset.bin === value) ?? bins[0];
  }

  function enhance(item) {
    const select = item.querySelector("select");
    item.draggable = true;
    item.addEventListener("dragstart", (event) => {
      // Some browsers only drag what carries data.
      event.dataTransfer.setData("text/plain", words(item));
      event.dataTransfer.effectAllowed = "move";
      item.classList.add("is-moving");
    });
    item.addEventListener("dragend", () => item.classList.remove("is-moving"));
    select.addEventListener("change", () => move(item));
  }

  function move(item) {
    const bin = home(item);
    if (item.closest("[data-bin]") === bin) return;
    const focused = item.contains(document.activeElement);
    bin.querySelector("ul").append(item);
    // What is taken out of the page and put back loses the focus.
    if (focused) item.querySelector("select").focus();
    count();
    announce(`${words(item)}: ${bin === bins[0] ? "not in a bin" : `now in ${bin.getAttribute("aria-label")}`}.`);
  }

  function receive(bin) {
    bin.addEventListener("dragover", (event) => {
      if (!moving()) return;
      event.preventDefault();
      for (const other of bins) other.classList.toggle("is-over", other === bin);
    });
    bin.addEventListener("dragleave", (event) => {
      if (!bin.contains(event.relatedTarget)) bin.classList.remove("is-over");
    });
    bin.addEventListener("drop", (event) => {
      event.preventDefault();
      bin.classList.remove("is-over");
      const select = moving()?.querySelector("select");
      if (!select || select.value === bin.dataset.bin) return;
      select.value = bin.dataset.bin;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  function moving() {
    return items.find((item) => item.classList.contains("is-moving"));
  }

  function count() {
    for (const bin of bins) bin.querySelector("[data-bin-count]").textContent = bin.querySelectorAll("li").length;
  }
}

function words(item) {
  return item.querySelector("[data-item-text]").textContent.trim();
}
