// Dialogs, and the question before what cannot be undone.
import { currentPlaces, restoreFocus } from "./focus.js";
import { askFirst, QUESTION, unsavedIn } from "./unsaved.js";

let openedFrom = []; // where the focus goes when the dialog closes and what opened it is gone

export function openDialog(dialog) {
  if (dialog.open || !dialog.childElementCount) return;
  openedFrom = currentPlaces();
  dialog.showModal();
}

/** Close it, after a question where something in it is not saved. */
export function closeDialog(dialog) {
  if (dialog) askFirst(dialog, () => discard(dialog));
}

function discard(dialog) {
  if (dialog.id === "dialog") dialog.replaceChildren();
  dialog.close();
}

document.addEventListener("click", (event) => {
  // A click on the backdrop has the dialog itself as its target.
  if (event.target.matches("dialog.dialog") && event.target.open) {
    const box = event.target.getBoundingClientRect();
    const inside =
      event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) closeDialog(event.target);
  }
});

// Escape, and the gesture of a phone that means the same.
document.addEventListener(
  "cancel",
  (event) => {
    if (event.target.id !== "dialog") return;
    event.preventDefault();
    closeDialog(event.target);
  },
  true,
);

document.addEventListener(
  "close",
  (event) => {
    const dialog = event.target;
    if (dialog.id !== "dialog") return;
    if (unsavedIn(dialog).length) {
      // A browser lets nobody hold a second Escape back: it is open again, and asks.
      dialog.showModal();
      ask(QUESTION, () => discard(dialog));
      return;
    }
    dialog.replaceChildren();
    restoreFocus(openedFrom);
  },
  true,
);

/** Hold a submit (or an htmx request) back until the person agrees to its data-confirm. */
export function confirmFirst(event) {
  if (event.type === "htmx:confirm") {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.question, () => event.detail.issueRequest(true));
    return;
  }
  const form = event.target;
  const submitter = event.submitter;
  const chosen = form.querySelector("select[data-confirm-choices]")?.selectedOptions[0];
  const question = submitter?.dataset.confirm ?? form.dataset.confirm ?? chosen?.dataset.confirm;
  if (!question || form.dataset.confirmed) {
    delete form.dataset.confirmed;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(question, () => {
    form.dataset.confirmed = "yes";
    form.requestSubmit(submitter);
  });
}

/** Ask in a dialog of its own; `agreed` is called on yes. One question at a time. */
export function ask(question, agreed) {
  const dialog = document.getElementById("confirm");
  if (dialog.open) return;
  dialog.querySelector("#confirm-text").textContent = question;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && agreed(), { once: true });
  dialog.showModal();
}
