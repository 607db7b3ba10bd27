// Lists by keyboard: j and k move from row to row, x ticks, and a row's own controls say which key presses them:
// i imports (data-import), b blocks (data-block), u undoes (data-unblock, data-undo-run, or the page's data-undo).
//
// The focus moves to the row's check box, else to its first link: they have names, which screen readers say, and a
// check box says itself that it was ticked. Style sheets show the row that has the focus.
import { isShortcut } from "./keys.js";
import { toast } from "./toast.js";

const PRESSED = { i: "[data-import]", b: "[data-block]", u: "[data-unblock], [data-undo-run]" };
const NOTHING = { i: "This row has nothing to import.", b: "This row has nothing to block.", x: "This row cannot be ticked." };
const all = () => [...document.querySelectorAll("main .table tbody > tr:not([hidden])")];
const rowOf = (element) => element?.closest?.("main .table tbody > tr");

let place = -1; // of the row that had the focus last, until something else has it: from there j and k go on

function focusOn(row) {
  const target = row.querySelector(".cell-check input:not(:disabled)") ?? row.querySelector("a[href], button:not(:disabled)") ?? row;
  if (target === row) row.tabIndex = -1;
  target.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const rows = all();
  if (!rows.length) return;
  focusOn(rows[Math.max(0, Math.min(rows.length - 1, place + step))]);
}

function press(key) {
  const row = rowOf(document.activeElement);
  const control = row?.querySelector(PRESSED[key]) ?? (key === "u" ? document.querySelector("[data-undo]") : null);
  if (control) control.click();
  else if (row && NOTHING[key]) toast({ text: NOTHING[key] });
}

function tick() {
  const row = rowOf(document.activeElement);
  const box = row?.querySelector(".cell-check input:not(:disabled)");
  if (box) box.click();
  else if (row) toast({ text: NOTHING.x });
}

document.addEventListener("keydown", (event) => {
  if (!"jkxibu".includes(event.key) || !isShortcut(event)) return;
  if (document.querySelector("[data-decide]")) return; // a list of decisions has its own keys (decisions.js)
  if (event.key === "j" || event.key === "k") move(event.key === "j" ? 1 : -1);
  else if (event.repeat) return;
  else if (event.key === "x") tick();
  else press(event.key);
});

document.addEventListener("focusin", (event) => {
  if (!event.target.closest("dialog")) place = all().indexOf(rowOf(event.target));
});
