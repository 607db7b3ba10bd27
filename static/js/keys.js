// Shortcuts of one key: when they may act, what shows them, and how they are turned off (WCAG 2.1.4).
const OFF = "single-keys-off"; // in this browser: whoever speaks to the computer speaks to it on every account

const TYPED = "textarea, select, [contenteditable], [role=textbox], [role=combobox], input:not([type=checkbox], [type=radio], [type=button], [type=submit])";

/**
 * Whether a press of a key is meant as a shortcut: alone, not typed into something, no dialog open.
 * An arrow moves in every field, and is never turned off.
 */
export function isShortcut(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.target.closest?.(TYPED) || document.querySelector("dialog[open]")) return false;
  return event.key.length > 1 ? !event.target.closest?.("input") : !areOff();
}

function areOff() {
  try {
    return localStorage.getItem(OFF) !== null;
  } catch {
    return false; // a browser that keeps nothing: they are on, as for everybody at first
  }
}

function turn(on) {
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "yes");
  } catch {
    // kept until the page is left
  }
}

// The page's own search goes before that of the bar.
function searchField() {
  return document.querySelector("main [role=search] :is(input[type=search], [name=keywords])") ?? document.querySelector("[data-search-key]");
}

function show() {
  const dialog = document.getElementById("keys");
  for (const row of dialog.querySelectorAll("[data-where]")) row.hidden = !document.querySelector(row.dataset.where);
  dialog.querySelector("[data-single-keys]").checked = !areOff();
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (!["/", "?"].includes(event.key) || !isShortcut(event)) return;
  event.preventDefault();
  if (event.key === "?") show();
  else searchField()?.select(); // what is typed next is the next search
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-show-keys]")) show();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-single-keys]")) turn(event.target.checked);
});
