// Keeps one's place when htmx takes away what had the focus: the same element of the new part, or the first thing to
// press in its row. Else the focus falls to the body, and with it everybody who works by keyboard or hears the page.

let places = []; // ids of what is around the focus, innermost first
let last = null;

/** Return the ids of what is around an element, to find a place again. */
function placesOf(element) {
  const found = [];
  for (let each = element; each && each !== document.body; each = each.parentElement) {
    if (each.id) found.push(each.id);
  }
  return found;
}

const PRESSED = "a[href], button:not(:disabled), input:not([type=hidden], :disabled), select:not(:disabled), textarea";

export const currentPlaces = () => [...places];

/** Put the focus where `wanted` leads, unless something has it. */
export function restoreFocus(wanted) {
  if (document.activeElement && document.activeElement !== document.body) return;
  for (const id of wanted) {
    const element = document.getElementById(id);
    if (!element || !element.getClientRects().length) continue;
    if (element.querySelector("[data-decide]")) return; // decisions.js chooses the next one
    const first = element.matches(PRESSED)
      ? element
      : (element.querySelector(":is(.cell-actions, .dialog-footer) :is(a[href], button:not(:disabled))") ??
        element.querySelector(PRESSED));
    if (!first) continue;
    first.focus({ preventScroll: true });
    return;
  }
}

document.addEventListener("focusin", (event) => {
  last = event.target;
  places = placesOf(last);
});

for (const settled of ["htmx:afterSettle", "htmx:oobAfterSwap"]) {
  document.addEventListener(settled, () => {
    if (last && !last.isConnected) restoreFocus(places);
  });
}
