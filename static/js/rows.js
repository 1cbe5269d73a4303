/**
 * Rows of a list by keyboard: j and k move, and so do the arrows while the focus is in the table; x selects, Enter opens, o shows the row
 * beside the list (then j and k show the next one). Letters are off with data-keys="off" on the html element.
 *
 *   <table data-rows><tbody><tr><th scope="row"><a href="…">name</a> <a href="?preview=7" data-peek="7">…</a></th>…
 *   <section id="list-users-preview" data-preview="7">… <a href="…" data-preview-close>…
 */
const previewOf = (element) => document.getElementById(`${element.closest("[data-listing]")?.id}-preview`);
let moving;

/** Show the row beside the list in the place of another; going back leads to where the preview was opened. */
function follow(peek) {
  clearTimeout(moving);
  moving = setTimeout(async () => {
    const panel = previewOf(peek);
    if (!panel?.dataset.preview || panel.dataset.preview === peek.dataset.peek) return;
    await window.htmx.ajax("GET", peek.href, { target: `#${panel.id}`, swap: "outerHTML show:none" });
    history.replaceState(history.state, "", peek.href);
  }, 120);
}

document.addEventListener("htmx:load", ({ target }) => {
  if (!target.matches?.(".preview")) return;
  const rows = target.closest("[data-listing]").querySelectorAll("[data-rows] tbody tr");
  const before = [...rows].find((row) => row.classList.contains("previewed"));
  for (const row of rows) row.classList.toggle("previewed", row.querySelector("[data-peek]")?.dataset.peek === target.dataset.preview);
  if (target.hidden && before && document.activeElement === document.body) before.querySelector("[data-peek]").focus();
});

/** Where a key moves to: one row on or back, or nowhere. Arrows scroll the page unless the focus is in the table; in its menus they walk these. */
const step = ({ key, target, shiftKey, defaultPrevented }) => {
  if (key === "j" || key === "k") return key === "j" ? 1 : -1;
  if (!key.startsWith("Arrow") || shiftKey || defaultPrevented || !target.closest?.("[data-rows], :has(> [data-rows])") || target.closest("details[open], [popover]")) return 0;
  return { ArrowDown: 1, ArrowUp: -1 }[key] ?? 0;
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || (document.documentElement.dataset.keys === "off" && event.key.length === 1)) return;
  if (event.target.matches?.("input:not([type=checkbox]), select, textarea, [contenteditable]") || document.querySelector("dialog[open]")) return;
  const rows = [...document.querySelectorAll("[data-rows] tbody tr")];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const by = step(event);
  if (by) {
    const next = rows[by > 0 ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0)];
    if (!next) return;
    next.tabIndex = -1;
    next.focus();
    event.preventDefault();
    const peek = next.querySelector("[data-peek]");
    if (peek) follow(peek);
  } else if (event.key === "x" && at >= 0) rows[at].querySelector("input[name=select]")?.click();
  else if (event.key === "o" && at >= 0) {
    const [panel, peek] = [previewOf(rows[at]), rows[at].querySelector("[data-peek]")];
    (peek && panel?.dataset.preview === peek.dataset.peek ? panel.querySelector("[data-preview-close]") : peek)?.click();
  } else if (event.key === "Escape" && !event.defaultPrevented) {
    const panel = document.activeElement.closest(".preview") ?? (at >= 0 && previewOf(rows[at]));
    panel && panel.querySelector("[data-preview-close]")?.click();
  } else if (event.key === "Enter" && document.activeElement === rows[at]) rows[at].querySelector("th a, td a")?.click();
});
