/**
 * Moves the items of a list up and down by buttons, which show when scripts run. Without them the order stays as it is.
 *
 *   <ul data-reorder><li>… <button type="button" data-move="up" hidden>↑</button> <button type="button" data-move="down" hidden>↓</button></li></ul>
 */
const reveal = (where) => where.querySelectorAll?.("[data-move]").forEach((button) => (button.hidden = false));
reveal(document);
document.addEventListener("htmx:load", (event) => reveal(event.target));

document.addEventListener("click", (event) => {
  const mover = event.target.closest("[data-move]");
  if (!mover) return;
  const row = mover.closest("li");
  const other = mover.dataset.move === "up" ? row.previousElementSibling : row.nextElementSibling;
  if (other && !other.querySelector("input:disabled")) mover.dataset.move === "up" ? other.before(row) : other.after(row);
  mover.focus();
});
