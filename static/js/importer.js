// The search pages: the description editor, broken pictures, rows that change under the check boxes, and "select all matches".
import { updateSelection } from "./selection.js";

for (const swapped of ["htmx:afterSwap", "htmx:oobAfterSwap"]) {
  document.addEventListener(swapped, () => document.querySelectorAll("form.bulk-import").forEach(updateSelection));
}

// The editor of descriptions is big: it comes with the first dialog that has one.
document.addEventListener("htmx:afterSwap", async (event) => {
  if (!event.detail.target.querySelector("textarea[data-prose]")) return;
  const { startAll } = await import("./prose.js");
  startAll(event.detail.target);
});

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
