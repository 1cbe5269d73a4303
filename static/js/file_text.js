/**
 * A file of text is read into a field at once, so that it is kept like typed text.
 *
 *   <input type="file" data-into="id_of_a_textarea" data-most="200000" data-said="It was read.">
 */
// What cannot be read here is sent as it is, and the console says why.
const read = async (target) => {
  const into = document.getElementById(target.dataset.into ?? "");
  const [file] = (into && target.files) || [];
  if (!file || into.value.trim() || file.size > Number(target.dataset.most)) return;
  const text = await file.arrayBuffer().then((bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes)).catch(() => null);
  if (text === null) return;
  into.value = text;
  target.value = "";
  for (const kind of ["input", "change", "focusout"]) into.dispatchEvent(new Event(kind, { bubbles: true }));
  const announcer = document.getElementById("announcer");
  if (announcer) announcer.textContent = target.dataset.said;
};
document.addEventListener("change", ({ target }) => read(target));
document.querySelectorAll("input[data-into]").forEach(read); // chosen before this came
