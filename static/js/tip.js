/**
 * Shows a title as a tip on hover and on focus (browsers show it on hover only); Esc dismisses it, and it can be hovered.
 *
 *   <time datetime="…" title="2026-11-23 14:02:11 UTC" tabindex="0">12 minutes ago</time>
 */
let tip, owner, waiting;

function show(element) {
  if (element === owner) return;
  hide();
  const text = element.getAttribute("title");
  if (!text) return;
  owner = element;
  element.dataset.title = text;
  element.removeAttribute("title");
  tip = document.createElement("div");
  tip.className = "tip";
  tip.popover = "manual";
  tip.role = "tooltip";
  tip.id = "tip";
  tip.textContent = text;
  (element.closest("dialog") ?? document.body).append(tip);
  if (element.getAttribute("aria-label") !== text) element.setAttribute("aria-describedby", "tip");
  tip.showPopover();
  const from = element.getBoundingClientRect();
  const box = tip.getBoundingClientRect();
  const above = from.bottom + box.height + 8 > innerHeight;
  tip.style.left = `${Math.max(8, Math.min(from.left, innerWidth - box.width - 8))}px`;
  tip.style.top = `${above ? from.top - box.height - 6 : from.bottom + 6}px`;
  tip.addEventListener("pointerleave", hide);
}

function hide() {
  clearTimeout(waiting);
  tip?.remove();
  owner?.setAttribute("title", owner.dataset.title);
  owner?.removeAttribute("aria-describedby");
  tip = owner = undefined;
}

document.addEventListener("pointerover", (event) => {
  const element = event.target.closest?.("[title]");
  if (!element || element === owner) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => element.isConnected && show(element), 350);
});
document.addEventListener("pointerout", (event) => {
  clearTimeout(waiting);
  if (owner && !owner.contains(event.relatedTarget) && event.relatedTarget !== tip) hide();
});
document.addEventListener("focusin", (event) => (event.target.matches?.("[title]:focus-visible") ? show(event.target) : hide()));
document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
document.addEventListener("htmx:beforeSwap", hide);
