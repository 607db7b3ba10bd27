// The search pages: variants that unfold, the description editor, broken pictures, rows that change under the check boxes, and "select all matches".
import { ask } from "./dialogs.js";
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

// A description that is typed is wanted. Who unticks it then is asked: what was typed goes.
document.addEventListener("input", (event) => {
  const box = document.getElementById(event.target.dataset?.ticks);
  if (box) box.checked = true;
});
document.addEventListener("change", (event) => {
  const text = event.target.form?.querySelector(`[data-ticks="${event.target.id}"]`);
  if (!text || event.target.checked || (text.value === text.defaultValue && !text.form.matches("[data-refused]"))) return;
  event.target.checked = true;
  ask("Leave the description out, with what you changed in it?", () => {
    event.target.checked = false;
    text.value = text.form.matches("[data-refused]") ? "" : text.defaultValue;
    text.dispatchEvent(new Event("change", { bubbles: true }));
  });
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

// Variants come with the first click; later ones hide and show them.
document.addEventListener("htmx:beforeRequest", (event) => {
  const link = event.detail.elt;
  if (!link.matches("[data-variants]")) return;
  const rows = document.querySelectorAll(`tr[data-variant-of="${link.dataset.variants}"]`);
  const isOpen = link.getAttribute("aria-expanded") === "true";
  link.setAttribute("aria-expanded", String(!isOpen));
  if (rows.length === 0) return;
  event.preventDefault();
  for (const row of rows) row.hidden = isOpen;
});
