/**
 * Offers what is on the page as a file: a table as CSV (cells that a spreadsheet would take for a formula are defused), or an element's text.
 *
 *   <button type="button" data-download="outcome" data-name="outcome.csv" hidden>Download</button>  …  <div id="outcome"><table>…
 */
const reveal = (where) => where.querySelectorAll?.("[data-download]").forEach((button) => (button.hidden = false));
reveal(document);
document.addEventListener("htmx:load", (event) => reveal(event.target));

const cell = (text) => `"${text.trim().replace(/^[=+\-@]/, "'$&").replaceAll('"', '""')}"`;

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-download]");
  if (!button) return;
  const source = document.getElementById(button.dataset.download);
  const rows = [...source.querySelectorAll("tr:not(.end-of-run)")];
  const text = rows.length ? rows.map((row) => [...row.cells].map((one) => cell(one.textContent)).join(",")).join("\r\n") : source.textContent;
  const href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  Object.assign(document.createElement("a"), { href, download: button.dataset.name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
});
