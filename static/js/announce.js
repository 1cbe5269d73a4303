/**
 * What happens without a page load is said aloud, and a request that failed on the way is told with the form left as it is.
 *
 *   <div id="announcer" role="status"></div>  <div id="toasts" data-failed="That did not work …"></div>
 *   <form hx-post="…">  <button data-after-failure> is shown once a request of the form has failed </button>
 */
const toasts = document.getElementById("toasts");

const askedBy = ({ detail }) => detail.requestConfig?.elt ?? detail.elt;
const reveal = (event) => askedBy(event).querySelectorAll("[data-after-failure]").forEach((hidden) => (hidden.hidden = false));

function failed(event) {
  reveal(event);
  const note = document.createElement("div");
  note.className = "toast";
  note.textContent = toasts?.dataset.failed;
  toasts?.append(note);
  setTimeout(() => note.remove(), 6000);
}

document.addEventListener("htmx:sendError", failed);
document.addEventListener("htmx:timeout", failed);
document.addEventListener("htmx:responseError", reveal);

// A whole page that comes in place of a fragment (signed out meanwhile) is opened as a page; what a proxy says of a console that does not
// answer takes the place of nothing.
document.addEventListener("htmx:beforeSwap", (event) => {
  const answer = event.detail.xhr;
  const isPage = /^\s*<!doctype html/i.test(answer.responseText);
  if (answer.status >= (isPage ? 502 : 500) && !answer.getResponseHeader("HX-Retarget")) {
    event.detail.shouldSwap = false;
    failed(event);
  } else if (isPage && !event.detail.target.matches("body")) {
    event.detail.shouldSwap = false;
    if (event.detail.requestConfig.verb === "get") location.assign(answer.responseURL || location.href);
    else failed(event);
  }
});
