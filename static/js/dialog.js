/**
 * Opens dialogs and side panels modally, with focus inside and back to the opener on closing.
 *
 *   <a class="button" href="#delete">Delete</a>  <dialog id="delete" class="dialog">… <a href="#" data-close>Close</a></dialog>
 *   <a href="/policies/create/" data-open="#panel" hx-get="/policies/create/" hx-target="#panel .dialog-body">Create policy</a>
 *
 * Without JavaScript the same link shows the dialog by :target.
 */
const target = (link) => {
  const wanted = link.dataset.open || link.getAttribute("href");
  return wanted?.length > 1 && wanted.startsWith("#") ? document.querySelector(`dialog${CSS.escape ? "#" + CSS.escape(wanted.slice(1)) : wanted}`) : null;
};

const focusFirst = (dialog) =>
  dialog.querySelector("[autofocus], .dialog-body :is(.error-summary, input:not([type=hidden]), select, textarea, a, button)")?.focus();

export function open(dialog) {
  if (dialog.open) return;
  dialog.showModal();
  focusFirst(dialog);
}

// What was fetched into an open dialog takes the focus, as what was there from the start does.
document.addEventListener("htmx:afterSettle", (event) => {
  const dialog = event.target.matches?.(".dialog-body") && event.target.closest("dialog[open]");
  if (dialog) focusFirst(dialog);
});

document.addEventListener("click", (event) => {
  const closer = event.target.closest("[data-close]");
  const opener = event.target.closest("a[href^='#'], [data-open]");
  const dialog = event.target.closest("dialog");
  if (closer && dialog) {
    event.preventDefault();
    dialog.close();
  } else if (opener && target(opener)) {
    event.preventDefault();
    opener.closest("details[data-menu]")?.removeAttribute("open");
    open(target(opener));
  } else if (dialog && event.target === dialog) {
    const box = dialog.getBoundingClientRect(); // a click on the backdrop counts as one on the dialog
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside && !dialog.querySelector("form[data-changed]")) dialog.close();
  }
});

// An address with #id opens its dialog, as it does without JavaScript.
const named = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
if (named instanceof HTMLDialogElement) open(named);
