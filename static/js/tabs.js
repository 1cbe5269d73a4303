/** On a narrow screen the row of tabs scrolls: the current tab is brought into sight, also when the screen is turned. */
const show = (row) => {
  const current = row.querySelector("[aria-current]");
  if (current) row.scrollLeft = current.offsetLeft - row.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
};
const watch = new ResizeObserver((rows) => rows.forEach(({ target }) => show(target)));
for (const row of document.querySelectorAll(".tabs")) watch.observe(row);
