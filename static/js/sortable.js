// Lists whose entries move with the arrows of each; their number fields follow.

export function makeSortable(list) {
  list.dataset.ready = "";
  renumber(list);
  // The places that it begins with are no change.
  for (const input of list.querySelectorAll("[data-position]")) input.defaultValue = input.value;
}

export function move(button) {
  const entry = button.closest("li");
  const list = entry.parentElement;
  const other = button.dataset.move === "-1" ? entry.previousElementSibling : entry.nextElementSibling;
  if (!other) return;
  if (button.dataset.move === "-1") other.before(entry);
  else other.after(entry);
  renumber(list);
  list.dispatchEvent(new Event("change", { bubbles: true }));
  button.focus();
}

function renumber(list) {
  list.querySelectorAll("[data-position]").forEach((input, index) => {
    input.value = index;
  });
}
