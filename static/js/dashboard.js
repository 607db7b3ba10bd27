// Listens once on `document` and finds its work by data- attributes, so that parts put in later by htmx work too.
import { openDialog, closeDialog, confirmFirst } from "./dialogs.js";
import "./triage.js";
import { preview } from "./preview.js";
import { updateSelection, selectAll } from "./selection.js";
import { makeSortable, move } from "./sortable.js";
import { drag, drop, dragOver, endDrag, showHandle } from "./tree.js";
import { toast } from "./toast.js";

document.addEventListener("click", async (event) => {
  const target = event.target.closest("[data-close-dialog], [data-copy], [data-move]");
  if (!target) {
    closeDropdowns(event.target);
    return;
  }
  if (target.matches("[data-close-dialog]")) {
    event.preventDefault();
    closeDialog(target.closest("dialog"));
  } else if (target.matches("[data-move]")) {
    move(target);
  } else {
    await navigator.clipboard.writeText(target.dataset.copy);
    toast({ level: "success", text: "Copied." });
  }
});

document.addEventListener("change", (event) => {
  const target = event.target;
  if (target.matches("[data-select-all]")) selectAll(target);
  if (target.matches("[data-submit]")) target.form.requestSubmit();
  if (target.matches("[data-shows]")) showChosen(target);
  if (target.matches("input[type=checkbox]")) updateSelection(target.form);
});

document.addEventListener("input", (event) => {
  const target = event.target;
  if (target.matches("[data-preview]")) preview(target);
  if (target.matches("[data-filter]")) filterList(target);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    closeDropdowns();
    const menu = document.getElementById("menu-toggle");
    if (menu) menu.checked = false;
  }
});

document.addEventListener("dragstart", drag);
document.addEventListener("dragover", dragOver);
document.addEventListener("drop", drop);
document.addEventListener("dragend", endDrag);

document.addEventListener("submit", confirmFirst, true);
document.addEventListener("submit", sendOnce);
document.addEventListener("htmx:confirm", confirmFirst);

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "dialog") {
    closeDropdowns();
    openDialog(event.detail.target);
  }
  ready(event.detail.target);
});
document.addEventListener("closeDialog", () => closeDialog(document.getElementById("dialog")));
document.addEventListener("toast", (event) => toast(event.detail));
const FAILURES = {
  401: "You are logged out. Log in again in another tab, then come back and try again: what you typed is still here.",
  403: "You are not allowed to do this.",
};
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    const status = event.detail.xhr?.status;
    toast({ level: "error", text: FAILURES[status] ?? "The server did not answer. Try again in a moment." });
  });
}

// Who logged in anew in another tab has another token by now.
function freshToken() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
}
document.addEventListener("submit", (event) => {
  const field = event.target.querySelector("[name=csrfmiddlewaretoken]");
  if (field) field.value = freshToken() ?? field.value;
}, true);
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const token = freshToken();
  if (!token || detail.verb === "get") return;
  detail.headers["X-CSRFToken"] = token;
  if (detail.parameters.csrfmiddlewaretoken) detail.parameters.csrfmiddlewaretoken = token;
});

function closeDropdowns(inside) {
  for (const dropdown of document.querySelectorAll(".dropdown[open]")) {
    if (!dropdown.contains(inside)) dropdown.open = false;
  }
}

function filterList(input) {
  const words = input.value.toLowerCase();
  for (const label of document.querySelectorAll(`#${input.dataset.filter} label`)) {
    label.hidden = !label.textContent.toLowerCase().includes(words) && !label.querySelector(":checked");
  }
}

// A second click on a button must not post a second time.
function sendOnce(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || event.submitter?.formTarget) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 3000);
}

// data-shows="id:value id2:value2,value3": each element is there while one of its values is chosen.
function showChosen(select) {
  for (const pair of select.dataset.shows.split(" ")) {
    const [id, values] = pair.split(":");
    document.getElementById(id).hidden = !values.split(",").includes(select.value);
  }
}

function ready(root) {
  root.querySelectorAll("[data-shows]").forEach(showChosen);
  root.querySelectorAll("[data-sortable]").forEach(makeSortable);
  root.querySelectorAll("[data-preview]").forEach(preview);
  root.querySelectorAll("[data-drag]").forEach(showHandle);
  root.querySelectorAll("form").forEach(updateSelection);
}

ready(document);
