/**
 * Rows of a list by keyboard: j and k move, x selects, Enter opens. Off with data-keys="off" on the html element.
 *
 *   <table data-rows><tbody><tr><th scope="row"><a href="…">name</a></th>…
 */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.documentElement.dataset.keys === "off") return;
  if (event.target.matches?.("input:not([type=checkbox]), select, textarea, [contenteditable]") || document.querySelector("dialog[open]")) return;
  const rows = [...document.querySelectorAll("[data-rows] tbody tr")];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  if (event.key === "j" || event.key === "k") {
    const next = rows[event.key === "j" ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0)];
    if (!next) return;
    next.tabIndex = -1;
    next.focus();
    event.preventDefault();
  } else if (event.key === "x" && at >= 0) rows[at].querySelector("input[name=select]")?.click();
  else if (event.key === "Enter" && document.activeElement === rows[at]) rows[at].querySelector("th a, td a")?.click();
});
