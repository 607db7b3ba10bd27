// Check boxes of a list table: one box for all of them, how many are checked, and what needs at least one.

// A table's rows may hold forms of their own: then its boxes name the form they belong to.
const find = (form, selector) => [...form.elements].filter((element) => element.matches(selector));
const boxesOf = (form) => find(form, "tbody .cell-check input[type=checkbox]:not(:disabled)");

export function selectAll(box) {
  for (const other of boxesOf(box.form)) other.checked = box.checked;
}

let last = null; // the box that was clicked last, where a range begins

// With Shift, all boxes from the last one to this one become what this one is.
document.addEventListener("click", (event) => {
  const box = event.target;
  if (!box.matches?.("tbody .cell-check input[type=checkbox]")) return;
  const boxes = boxesOf(box.form);
  const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)];
  if (event.shiftKey && from >= 0) {
    for (const each of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) each.checked = box.checked;
  }
  last = box;
});

export function updateSelection(form) {
  const [all] = form ? find(form, "[data-select-all]") : [];
  if (!all) return;
  const boxes = boxesOf(form);
  const [every] = find(form, "[data-select-every]");
  const checked = every?.checked ? Number(every.dataset.selectEvery) : boxes.filter((box) => box.checked).length;
  const ticked = boxes.filter((box) => box.checked).length;
  all.checked = boxes.length > 0 && ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
  for (const count of form.querySelectorAll("[data-selected-count]")) {
    count.textContent = checked ? `${checked} selected` : "";
  }
  for (const control of form.querySelectorAll("[data-needs-selection]")) control.disabled = checked === 0;
}
