// Nothing that was typed is lost without a question: not by leaving the page, closing a dialog, or a part that is put in
// its place. What is in a form counts as typed when it differs from how the form came. Ctrl+S saves.
//
// Every form that is posted is looked after. data-typed-only: its boxes only choose rows, so they do not count.
// A page that answers a post (body[data-refused]) shows what was typed as if it had come so: it counts, too.
import { ask } from "./dialogs.js";

export const QUESTION = "What you changed is not saved yet. Leave it?";

let leaving = null; // the form that is being sent: what is in it is not lost
const saved = new WeakSet(); // fields that were sent from a page that stayed

const isText = (field) => field.matches("textarea, input:not([type=checkbox], [type=radio], [type=hidden], [type=search])");

function isChanged(field) {
  if (field.disabled || !field.name || field.matches("[type=hidden], [type=search], [type=submit], button")) return false;
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  if (field.matches("[type=file]")) return field.files.length > 0;
  if (!field.matches("select")) return field.value !== field.defaultValue;
  const options = [...field.options];
  const start = options.filter((option) => option.defaultSelected);
  const expected = start.length || field.multiple ? start : options.slice(0, 1);
  return options.some((option) => option.selected !== expected.includes(option));
}

function isDirty(form) {
  if (form.method !== "post") return false;
  const fields = [...form.elements].filter((field) => !("typedOnly" in form.dataset) || isText(field));
  if (fields.some((field) => isChanged(field) && !saved.has(field))) return true;
  return isRefused(form) && fields.some((field) => isText(field) && field.value.trim() && !saved.has(field));
}

// The form of a page that answers a post, or of a part that came back with complaints.
function isRefused(form) {
  const complaints = "[data-invalid], .field-error, .notice[data-level=error], .notice[data-level=warning]";
  if (form.closest("dialog")) return form.matches("[data-refused]");
  if (!("refused" in document.body.dataset)) return false;
  return form.querySelector(complaints) !== null || document.querySelectorAll("main form[method=post]").length === 1;
}

/** Return the forms in `root` (or `root` itself) that hold what is not saved, all but `own`. */
export function unsavedIn(root, own = null) {
  const forms = root.matches?.("form") ? [root] : [...root.querySelectorAll("form")];
  return forms.filter((form) => form !== own && isDirty(form));
}

/** Ask before what is typed in `root` goes, where anything is; then `go`. */
export function askFirst(root, go, own = null) {
  if (unsavedIn(root, own).length) ask(QUESTION, go);
  else go();
}

// --- Leaving the page ---

window.addEventListener("beforeunload", (event) => {
  if (unsavedIn(document, leaving).length) event.preventDefault();
});

window.addEventListener("submit", (event) => {
  const target = event.submitter?.formTarget || event.target.target;
  if (event.defaultPrevented || event.target.method !== "post" || (target && target !== "_self")) return;
  leaving = event.target;
});

window.addEventListener("pageshow", () => (leaving = null));
document.addEventListener("input", () => (leaving = null));

// --- Parts that htmx puts in the place of others ---

document.addEventListener("htmx:confirm", (event) => {
  const { target, elt, question } = event.detail;
  if (event.defaultPrevented || question || !target?.querySelectorAll) return;
  const own = elt.closest("form");
  if (!unsavedIn(target, own).length) return;
  event.preventDefault();
  ask(QUESTION, () => event.detail.issueRequest(true));
});

// An answer that comes late does not take the place of a dialog that somebody types in.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, elt } = event.detail;
  if (target.id === "dialog" && !target.contains(elt) && unsavedIn(target).length) event.detail.shouldSwap = false;
});

// What a form sent from a page that stays is saved, unless its answer complains.
document.addEventListener("htmx:afterSwap", (event) => {
  const form = event.detail.requestConfig?.elt;
  if (!form?.matches?.("form[method=post]") || event.detail.target.querySelector("[role=alert]")) return;
  for (const field of form.elements) saved.add(field);
});
document.addEventListener("input", (event) => saved.delete(event.target));
document.addEventListener("change", (event) => saved.delete(event.target));

// --- Ctrl+S ---

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const form = formToSave(event.target);
  if (!form) return;
  event.preventDefault();
  if (!event.repeat) form.requestSubmit(form.querySelector(SAVE));
});

const SAVE = ".form-actions button[data-kind=primary]:not([type=button])";

const EDITED = "input:not([type=hidden], [type=search]), select, textarea";

/** The form one is in, else the one that was changed, else the only one. An import is no saving. */
function formToSave(element) {
  if (document.querySelector("dialog[open]")) return null;
  const forms = [...document.querySelectorAll("main form[method=post]")].filter(
    (form) => form.querySelector(SAVE) && [...form.elements].some((field) => field.matches(EDITED)),
  );
  const own = element.form ?? element.closest?.("form");
  if (forms.includes(own)) return own;
  return unsavedIn(document).find((form) => forms.includes(form)) ?? (forms.length === 1 ? forms[0] : null);
}
