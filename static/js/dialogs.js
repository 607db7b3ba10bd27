// Dialogs, and the question before what cannot be undone.

export function openDialog(dialog) {
  if (!dialog.open && dialog.childElementCount) dialog.showModal();
}

export function closeDialog(dialog) {
  dialog?.close();
}

document.addEventListener("click", (event) => {
  // A click on the backdrop has the dialog itself as its target.
  if (event.target.matches("dialog.dialog") && event.target.open) {
    const box = event.target.getBoundingClientRect();
    const inside =
      event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});

document.addEventListener(
  "close",
  (event) => {
    if (event.target.id === "dialog") event.target.replaceChildren();
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

function ask(question, agreed) {
  const dialog = document.getElementById("confirm");
  dialog.querySelector("#confirm-text").textContent = question;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && agreed(), { once: true });
  dialog.showModal();
}
