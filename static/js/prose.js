// Turns textareas with data-prose into rich-text editors. Without scripts they stay textareas of HTML.
// Imported by its path, and told not to inject styles: the page's policy allows neither import maps nor <style>.
import * as prose from "../django_prose_editor/editor.js";

const extensions = (textarea) => [
  prose.Document,
  prose.Paragraph,
  prose.Text,
  prose.HardBreak,
  prose.Heading.configure({ levels: [2, 3, 4] }),
  prose.Bold,
  prose.Italic,
  prose.Strike,
  prose.Underline,
  prose.Subscript,
  prose.Superscript,
  prose.BulletList,
  prose.OrderedList,
  prose.ListItem,
  prose.Blockquote,
  prose.HorizontalRule,
  prose.Link.configure({ enableTarget: false, openOnClick: false }),
  prose.Table,
  prose.TableRow,
  prose.TableHeader,
  prose.TableCell,
  prose.History,
  prose.Gapcursor,
  prose.Menu,
  labelled(textarea),
];

// The editor takes the name of the field it stands for.
const labelled = (textarea) =>
  prose.Extension.create({
    name: "labelled",
    onCreate() {
      const area = this.editor.view.dom;
      area.setAttribute("aria-label", textarea.labels[0]?.firstChild.textContent.trim() ?? "");
      area.setAttribute("role", "textbox");
      area.setAttribute("aria-multiline", "true");
    },
  });

function start(textarea) {
  const element = document.createElement("div");
  const hasFocus = document.activeElement === textarea; // it comes late: somebody may write already
  element.className = "prose-editor";
  textarea.before(element);
  element.append(textarea);
  const editor = new prose.Editor({
    element,
    injectCSS: false,
    autofocus: hasFocus ? "end" : false,
    extensions: extensions(textarea),
    content: textarea.value,
    onUpdate({ editor }) {
      textarea.value = editor.isEmpty ? "" : editor.getHTML();
      textarea.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });
  // Whoever sets the field's text says so.
  textarea.addEventListener("change", () => editor.commands.setContent(textarea.value, { emitUpdate: false }));
  // A block goes to where one writes: its own paragraph, or a place in the sentence.
  textarea.addEventListener("insert-block", ({ detail: { text, isInline } }) => {
    const content = { type: "text", text };
    const block = [{ type: "paragraph", content: [content] }, { type: "paragraph" }];
    editor.chain().focus().insertContent(isInline ? content : block).run();
  });
}

/** Start the editors below `root`, each once. */
export function startAll(root) {
  for (const textarea of root.querySelectorAll("textarea[data-prose='']")) {
    textarea.dataset.prose = "started";
    start(textarea);
  }
}

// What [data-insert] says goes into the text of the page's editor.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-insert]");
  const textarea = button && document.querySelector("textarea[data-prose='started']");
  const detail = { text: button?.dataset.insert, isInline: "inline" in (button?.dataset ?? {}) };
  textarea?.dispatchEvent(new CustomEvent("insert-block", { detail }));
});

startAll(document);
