// Check boxes of a list table: one box for all of them, how many are checked, and what needs at least one.

// A table's rows may hold forms of their own: then its boxes name the form they belong to.
const find = (form, selector) => [...form.elements].filter((element) => element.matches(selector));
const boxesOf = (form) => find(form, "tbody .cell-check input[type=checkbox]:not(:disabled)");

export function selectAll(box) {
  for (const other of boxesOf(box.form)) other.checked = box.checked;
}

export function updateSelection(form) {
  const [all] = form ? find(form, "[data-select-all]") : [];
  if (!all) return;
  const boxes = boxesOf(form);
  const checked = boxes.filter((box) => box.checked).length;
  all.checked = boxes.length > 0 && checked === boxes.length;
  all.indeterminate = checked > 0 && checked < boxes.length;
  for (const count of form.querySelectorAll("[data-selected-count]")) {
    count.textContent = checked ? `${checked} selected` : "";
  }
  for (const control of form.querySelectorAll("[data-needs-selection]")) control.disabled = checked === 0;
}
