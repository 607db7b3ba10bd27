// Suggestions below the search field. htmx is loaded when somebody turns to the field, not with the page.
const script = document.currentScript;
document.addEventListener(
  "focusin",
  function load(event) {
    if (!event.target.matches?.(".search input")) return;
    document.removeEventListener("focusin", load);
    const htmx = document.createElement("script");
    htmx.src = script.dataset.htmx;
    document.head.append(htmx);
  },
);
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.(".search");
  if (event.key !== "Escape" || !form) return;
  form.querySelector(".search-suggestions").replaceChildren();
  form.querySelector("input").focus();
});
