/**
 * What happens without a page load is said aloud, and a request that failed on the way is told with the form left as it is.
 *
 *   <div id="announcer" role="status"></div>  <div id="toasts" data-failed="That did not work …"></div>
 */
const toasts = document.getElementById("toasts");

function failed() {
  const note = document.createElement("div");
  note.className = "toast";
  note.textContent = toasts?.dataset.failed;
  toasts?.append(note);
  setTimeout(() => note.remove(), 6000);
}

document.addEventListener("htmx:sendError", failed);
document.addEventListener("htmx:timeout", failed);

// A whole page that comes in place of a fragment (signed out meanwhile) is opened as a page.
document.addEventListener("htmx:beforeSwap", (event) => {
  const answer = event.detail.xhr;
  if (/^\s*<!doctype html/i.test(answer.responseText) && !event.detail.target.matches("body")) {
    event.detail.shouldSwap = false;
    if (event.detail.requestConfig.verb === "get") location.assign(answer.responseURL || location.href);
    else failed();
  }
});
