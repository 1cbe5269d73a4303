/**
 * Arrow keys, Enter and Esc in a box with suggestions; the focus stays in the box (ARIA combobox pattern).
 *
 *   <input role="combobox" aria-controls="offers" aria-expanded="true">  <div id="offers" role="listbox"><a role="option" id="offers-0" href="…">…</a></div>
 */
document.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!input.matches?.("input[role=combobox]")) return;
  const list = document.getElementById(input.getAttribute("aria-controls"));
  const options = [...(list?.querySelectorAll("[role=option]") ?? [])];
  const at = options.findIndex((option) => option.ariaSelected === "true");
  if (!options.length) return;
  if (event.key === "Escape") {
    event.stopPropagation();
    list.replaceChildren();
    input.ariaExpanded = "false";
    input.removeAttribute("aria-activedescendant");
  } else if (event.key === "Enter" && at >= 0) {
    event.preventDefault();
    options[at].click();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = options.at((at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1)) % options.length);
    options.forEach((option) => (option.ariaSelected = String(option === next)));
    input.setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  }
});
