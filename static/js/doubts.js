// Pairs by keyboard: the arrows choose one, its buttons say which keys press them (data-key).
const all = () => [...document.querySelectorAll("[data-doubt]")];
let place = 0; // of the pair that was chosen last, so that the next one takes its turn

function choose(index) {
  const pairs = all();
  if (!pairs.length) return;
  place = Math.max(0, Math.min(index, pairs.length - 1));
  pairs[place].focus();
}

document.addEventListener("focusin", (event) => {
  const index = all().indexOf(event.target.closest("[data-doubt]"));
  if (index >= 0) place = index;
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
  const current = document.activeElement?.closest("[data-doubt]");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(current ? place + (event.key === "ArrowDown" ? 1 : -1) : place);
    return;
  }
  if (!current || event.repeat) return;
  const button = [...current.querySelectorAll("[data-key]")].find((one) => one.dataset.key.split(" ").includes(event.key));
  if (button) {
    event.preventDefault();
    button.click();
  }
});

// The list came anew without the pair that was decided: the next one is where it was.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "doubt_list" || document.activeElement === document.body) choose(place);
});
