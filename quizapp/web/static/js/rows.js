// Rows of a form in place: added, removed and put back, moved by buttons and by Alt with an arrow.
//
// The names of their fields are paths (`options.0.text`), so a row that moves gives all of them another number.

let told = { touched() {}, say() {} };

/** Watch the lists of a form; `touched` is called after each change, `say` with words for screen readers. */
export function watchRows(form, callbacks) {
  told = callbacks;
  form.addEventListener("keydown", moveByKey);
  for (const list of form.querySelectorAll("[data-rows]")) full(list);
}

/** Do what a button of a row or of its list says. */
export function act(button) {
  const list = button.closest("[data-rows]");
  const row = button.closest("[data-row]");
  const verb = button.dataset.verb;
  if (verb === "add") add(list);
  else if (verb === "remove") remove(list, row);
  else move(list, row, verb === "up" ? -1 : 1, button);
}

function rowsOf(list) {
  return [...list.querySelector(":scope > ol").children];
}

function add(list) {
  const blank = list.querySelector(":scope > template[data-blank]").content.firstElementChild.cloneNode(true);
  list.querySelector(":scope > ol").append(blank);
  numbered(list);
  firstField(blank)?.focus();
  told.touched();
}

const removed = new WeakMap();

function remove(list, row) {
  const place = rowsOf(list).indexOf(row);
  const name = nameOf(row);
  removed.set(list, { row, place });
  row.remove();
  numbered(list);
  const undo = list.querySelector(":scope > .edit-list-foot > [data-undo]");
  undo.hidden = false;
  const next = rowsOf(list)[place] ?? rowsOf(list)[place - 1];
  (next ? firstField(next) : list.querySelector(":scope > .edit-list-foot > [data-verb=add]"))?.focus();
  told.say(`${name} removed.`);
  told.touched();
}

export function putBack(list) {
  const { row, place } = removed.get(list) ?? {};
  if (!row) return;
  removed.delete(list);
  list.querySelector(":scope > .edit-list-foot > [data-undo]").hidden = true;
  const at = rowsOf(list)[place];
  if (at) at.before(row);
  else list.querySelector(":scope > ol").append(row);
  numbered(list);
  firstField(row)?.focus();
  told.say(`${nameOf(row)} is back.`);
  told.touched();
}

function move(list, row, by, focused) {
  const rows = rowsOf(list);
  const place = rows.indexOf(row);
  const other = rows[place + by];
  if (!other) return told.say(by < 0 ? "Already the first." : "Already the last.");
  if (by < 0) other.before(row);
  else other.after(row);
  numbered(list);
  const visible = focused.checkVisibility?.({ visibilityProperty: true }) ?? true;
  (visible ? focused : row.querySelector(`[data-verb=${by < 0 ? "down" : "up"}]`)).focus();
  row.scrollIntoView({ block: "nearest" });
  told.say(`Moved to place ${place + by + 1} of ${rows.length}.`);
  told.touched();
}

function moveByKey(event) {
  if (!event.altKey || event.ctrlKey || event.metaKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  const row = event.target.closest("[data-row]");
  if (!row) return;
  event.preventDefault();
  move(row.closest("[data-rows]"), row, event.key === "ArrowUp" ? -1 : 1, event.target);
}

/** Give the rows of a list the numbers of their places. */
function numbered(list) {
  const rows = rowsOf(list);
  const names = rows.map((_, place) => `${list.dataset.rows}.${place}`);
  const moved = rows.map((row, place) => [row, row.dataset.row, names[place]]).filter(([, old, name]) => old !== name);
  // Radio buttons of one name would lose their choice while two rows share it.
  const ticked = moved.flatMap(([row]) => [...row.querySelectorAll("input[type=radio]:checked")]);
  for (const [row, old, name] of moved) renamed(row, old, name);
  for (const radio of ticked) radio.checked = true;
  for (const [place, row] of rows.entries()) {
    row.querySelector("[data-row-name]").textContent = `${list.dataset.noun} ${place + 1}`;
  }
  full(list);
}

function renamed(root, old, name) {
  const ids = [asId(old), asId(name)];
  for (const each of [root, ...root.querySelectorAll("*")]) {
    for (const attribute of ["name", "data-row", "data-rows", "value"]) {
      const value = each.getAttribute(attribute);
      if (value === null || (attribute === "value" && each.name !== "do")) continue;
      each.setAttribute(attribute, value.replace(pathPattern(old), `$1${name}$2`));
    }
    for (const attribute of ["id", "for", "aria-describedby", "aria-labelledby"]) {
      const value = each.getAttribute(attribute);
      if (value) each.setAttribute(attribute, value.replaceAll(...idPattern(ids)));
    }
    if (each.localName === "template") renamed(each.content.firstElementChild, old, name);
  }
}

function pathPattern(path) {
  return new RegExp(`^((?:up:|down:|remove:|add:)?)${path.replaceAll(".", "\\.")}((?:[.:].*)?)$`);
}

function idPattern([old, name]) {
  return [new RegExp(`(^| )${old}(?=-| |$)`, "g"), `$1${name}`];
}

function asId(path) {
  return `f-${path.replaceAll(".", "-")}`;
}

/** Hide the button of a list that is full. */
export function full(list) {
  list.toggleAttribute("data-full", rowsOf(list).length >= Number(list.dataset.most));
}

function nameOf(row) {
  return row.querySelector("[data-row-name]").textContent;
}

export function firstField(row) {
  return row.querySelector("input:not([type=hidden]), textarea, select");
}
