/**
 * Selection in lists: the box in the head takes the page, shift takes a range, the bar counts. Columns are moved up and down, and a table
 * is offered as a file.
 *
 *   <input type="checkbox" data-select-all hidden>  <input type="checkbox" name="select" value="7">  <span data-select-count data-one="…" data-many="%s …">
 *   <ul data-reorder><li>… <button data-move="up" hidden></button></li></ul>   <button data-download="table-id" data-name="outcome.csv" hidden>
 */
let last;
const boxes = (form) => [...form.querySelectorAll("input[name=select]")];
const reveal = (where) => where.querySelectorAll?.("[data-select-all], [data-move], [data-download]").forEach((element) => (element.hidden = false));

function refresh(form) {
  const all = boxes(form);
  const ticked = all.filter((box) => box.checked).length;
  const head = form.querySelector("[data-select-all]");
  const every = form.querySelector("input[name=all]");
  if (head) [head.checked, head.indeterminate] = [ticked === all.length, ticked > 0 && ticked < all.length];
  if (every && ticked < all.length) every.checked = false;
  const count = form.querySelector("[data-select-count]");
  if (count) count.textContent = ticked === 1 ? count.dataset.one : count.dataset.many.replace("%s", ticked);
}

document.addEventListener("click", (event) => {
  const box = event.target.closest("input[name=select]");
  if (box) {
    const all = boxes(box.form);
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    if (event.shiftKey && from >= 0) all.slice(from, to + 1).forEach((other) => (other.checked = box.checked));
    last = box;
  }
  const mover = event.target.closest("[data-move]");
  if (mover) {
    const row = mover.closest("li");
    const other = mover.dataset.move === "up" ? row.previousElementSibling : row.nextElementSibling;
    if (other && !other.querySelector("input:disabled")) mover.dataset.move === "up" ? other.before(row) : other.after(row);
    mover.focus();
  }
  const download = event.target.closest("[data-download]");
  if (download) {
    const cell = (text) => `"${text.trim().replace(/^[=+\-@]/, "'$&").replaceAll('"', '""')}"`;
    const lines = [...document.querySelectorAll(`#${download.dataset.download} tr:not(.end-of-run)`)].map((row) => [...row.cells].map((one) => cell(one.textContent)).join(","));
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob([lines.join("\r\n")], { type: "text/csv" })), download: download.dataset.name });
    link.click();
  }
});
document.addEventListener("change", (event) => {
  const { form } = event.target;
  if (event.target.matches("[data-select-all]")) boxes(form).forEach((box) => (box.checked = event.target.checked));
  else if (event.target.matches("input[name=all]") && event.target.checked) boxes(form).forEach((box) => (box.checked = true));
  if (event.target.matches("[data-select-all], input[name=select], input[name=all]")) refresh(form);
});
reveal(document);
document.addEventListener("htmx:load", (event) => reveal(event.target));
