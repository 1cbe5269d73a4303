/**
 * Copies text to the clipboard and says so.
 *
 *   <button type="button" data-copy="arn:aws:iam::…">…</button>
 *
 * Without the Clipboard API (a plain http address) it falls back to selecting the text.
 */
const toasts = () => document.getElementById("toasts");

export function toast(text) {
  const note = document.createElement("div");
  note.className = "toast";
  note.textContent = text;
  toasts()?.append(note);
  setTimeout(() => note.remove(), 2500);
}

async function write(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("copy");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const { copied, failed } = toasts()?.dataset ?? {};
  try {
    await write(button.dataset.copy);
    button.focus();
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
    toast(copied);
  } catch {
    toast(failed);
  }
});
