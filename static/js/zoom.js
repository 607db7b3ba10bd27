// A picture of a product, large, in a dialog. Without this its link leads to the picture.
const dialog = document.querySelector("dialog.zoom");
document.querySelector(".gallery-strip")?.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const picture = dialog.querySelector("img") ?? dialog.appendChild(document.createElement("img"));
  picture.src = link.href;
  picture.alt = link.querySelector("img")?.alt ?? "";
  dialog.showModal();
});
dialog?.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.matches("img")) dialog.close();
});
