// Decisions by keyboard, in a list of things to decide (data-decide): j and k or the arrows move, what has
// data-key says which keys press it (a field gets the cursor), u presses data-undo. The server says what was done.
import { isShortcut } from "./keys.js";

const all = () => [...document.querySelectorAll("[data-decide]")];
let place = 0; // of the one that was chosen last, so that the next one takes its turn

function choose(index) {
  const rows = all();
  if (!rows.length) return;
  place = Math.max(0, Math.min(index, rows.length - 1));
  rows[place].focus();
  rows[place].scrollIntoView({ block: "nearest" });
}

document.addEventListener("focusin", (event) => {
  const index = all().indexOf(event.target.closest("[data-decide]"));
  if (index >= 0) place = index;
});

const MOVES = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

document.addEventListener("keydown", (event) => {
  const current = document.activeElement?.closest("[data-decide]");
  if (event.key === "Escape" && current && event.target.closest("input, textarea, select")) choose(place);
  if (!isShortcut(event)) return;
  if (event.key in MOVES) {
    event.preventDefault();
    choose(current ? place + MOVES[event.key] : place);
    return;
  }
  if (event.repeat) return;
  if (event.key === "u") {
    document.querySelector("[data-undo]")?.click();
    return;
  }
  const wanted = [...(current?.querySelectorAll("[data-key]") ?? [])].find((one) => one.dataset.key.split(" ").includes(event.key));
  if (!wanted) return;
  event.preventDefault();
  if (wanted.matches("input")) wanted.focus();
  else wanted.click();
});

// The list came anew without the one that was decided: the next one is where it was.
document.addEventListener("htmx:afterSettle", (event) => {
  const refused = document.querySelector("[data-decide] [aria-invalid]");
  if (refused) refused.focus();
  else if (event.target.id === "decisions" || document.activeElement === document.body) choose(place);
});
