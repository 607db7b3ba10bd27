// The search pages: broken pictures, rows that change under the check boxes, and "select all matches".
import { updateSelection } from "./selection.js";

for (const swapped of ["htmx:afterSwap", "htmx:oobAfterSwap"]) {
  document.addEventListener(swapped, () => document.querySelectorAll("form.bulk-import").forEach(updateSelection));
}

document.addEventListener(
  "error",
  (event) => {
    if (!event.target.matches?.("img.thumb")) return;
    const empty = document.createElement("span");
    empty.className = "thumb";
    empty.dataset.empty = "";
    empty.title = "The picture cannot be shown";
    event.target.replaceWith(empty);
  },
  true, // errors of pictures do not bubble
);

document.addEventListener("change", (event) => {
  const all = event.target.closest("[data-all-matches]");
  if (!all) return;
  const label = all.form.querySelector("[data-import-label]");
  label.dataset.usual ??= label.textContent;
  label.textContent = all.checked ? all.dataset.allMatches : label.dataset.usual;
});
