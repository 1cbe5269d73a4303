/**
 * Closes messages.
 *
 *   <div class="callout" data-callout>… <button data-dismiss>×</button></div>
 */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss]");
  if (!button) return;
  const callout = button.closest("[data-callout]");
  const next = callout.nextElementSibling?.querySelector("[data-dismiss]");
  callout.remove();
  (next ?? document.getElementById("main"))?.focus({ preventScroll: true });
});
