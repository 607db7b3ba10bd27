// Short messages in the corner, read out by screen readers.

export function toast({ level = "info", text }) {
  const note = document.createElement("div");
  note.className = "notice";
  note.dataset.level = level;
  const words = document.createElement("div");
  words.textContent = text;
  note.append(words);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), level === "error" ? 9000 : 5000);
}
