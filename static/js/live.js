// Shows the page of a product as it is typed, in the frame beside its form. Nothing is saved, and nothing runs
// in the frame (sandbox). Only the body is exchanged: the style sheet stays, and so does the place one looks at.

const WAIT = 400; // milliseconds without a key
const frame = document.querySelector("iframe[data-live]");
const form = document.getElementById("product-form");
let timer;
let request;

async function refresh() {
  request?.abort();
  request = new AbortController();
  const data = new FormData(form);
  data.delete("uploads"); // shown once they are saved
  try {
    const answer = await fetch(frame.dataset.live, { method: "POST", body: data, signal: request.signal });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    frame.contentDocument.body.replaceWith(page.body);
    frame.removeAttribute("data-stale");
  } catch (error) {
    if (error.name !== "AbortError") frame.dataset.stale = "";
  }
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(refresh, WAIT);
}

if (frame) {
  frame.closest(".live").dataset.ready = "";
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  // What came back with errors, or what the browser filled in again, is not what is saved.
  frame.addEventListener("load", later, { once: true });
}
