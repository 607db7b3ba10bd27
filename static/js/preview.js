// The words a button will show, while they are typed.

export function preview(input) {
  const output = document.getElementById(input.dataset.preview);
  if (!output) return;
  const text = input.value.trim() || input.placeholder;
  const at = text.indexOf("%s");
  output.textContent = at < 0 ? text : text.slice(0, at) + output.dataset.shop + text.slice(at + 2);
}
