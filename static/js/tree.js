// Rows of a tree dragged by their handles. The buttons beside them do the same, step by step.

let dragged = null;

export function showHandle(handle) {
  handle.hidden = false;
}

export function drag(event) {
  const handle = event.target.closest?.("[data-drag]");
  if (!handle) return;
  dragged = handle.closest("tr");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", "");
  event.dataTransfer.setDragImage(dragged, 8, 8);
}

export function dragOver(event) {
  const row = dragged && event.target.closest?.("tr[data-category]");
  mark(row, row && placeIn(row, event.clientY));
  if (row && row !== dragged) event.preventDefault();
}

export function drop(event) {
  const row = dragged && event.target.closest?.("tr[data-category]");
  if (!row || row === dragged) return;
  event.preventDefault();
  const form = document.getElementById(`move-${dragged.dataset.category}`);
  const to = document.createElement("input");
  to.type = "hidden";
  to.name = "to";
  to.value = `${placeIn(row, event.clientY)}:${row.dataset.category}`;
  form.append(to);
  form.requestSubmit();
  to.remove();
}

export function endDrag() {
  mark(null);
  dragged = null;
}

function placeIn(row, y) {
  const { top, height } = row.getBoundingClientRect();
  const share = (y - top) / height;
  // Below an open category lies its first child, so there its lower edge is inside.
  const opens = depth(row.nextElementSibling) > depth(row);
  if (share < 0.3) return "before";
  return share > 0.7 && !opens ? "after" : "inside";
}

function depth(row) {
  return Number(row?.dataset.depth ?? -1);
}

function mark(row, place) {
  for (const marked of document.querySelectorAll("tr[data-drop]")) delete marked.dataset.drop;
  if (row && row !== dragged) row.dataset.drop = place;
}
