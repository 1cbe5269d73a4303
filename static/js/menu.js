/**
 * Menus: one open at a time, closed by Esc (focus returns to the button), by a click elsewhere, and left by the arrow keys. When what was
 * chosen has replaced the menu, the focus is on its button again (found by its id), unless it has a new place.
 *
 *   <details class="menu" data-menu><summary class="button">More</summary><div class="menu-panel">…</div></details>
 */
const opened = () => [...document.querySelectorAll("details[data-menu][open]")];

document.addEventListener("click", (event) => {
  for (const menu of opened()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu]");
  if (event.key === "Escape") {
    for (const other of opened()) {
      other.open = false;
      other.querySelector("summary").focus();
      event.preventDefault();
    }
  } else if (menu && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    if (event.target.matches("input, select, textarea")) return;
    event.preventDefault();
    menu.open = true;
    const items = [...menu.querySelectorAll(".menu-panel :is(a, button, input):not([type=hidden], [hidden])")];
    const step = event.key === "ArrowDown" ? 1 : -1;
    items.at((items.indexOf(document.activeElement) + (step === 1 || items.includes(document.activeElement) ? step : 0)) % items.length)?.focus();
  }
});

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details[data-menu]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

let button;
document.addEventListener("htmx:beforeSwap", () => (button = document.activeElement?.closest?.("details[data-menu]")?.querySelector("summary").id));
document.addEventListener("htmx:afterSettle", () => {
  if (button && document.activeElement === document.body) document.getElementById(button)?.focus({ preventScroll: true });
  button = "";
});
