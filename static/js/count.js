/**
 * The number beside the page's title follows its list when the list is filtered in place: the answer says it in the announcer.
 *
 *   <h1>Users <span data-page-count>4,812</span></h1>  <div id="announcer"><span data-count="23 of 4,812">23 users</span></div>
 */
document.addEventListener("htmx:oobAfterSwap", () => {
  const [said, title] = [document.querySelector("#announcer [data-count]"), document.querySelector("[data-page-count]")];
  if (said && title) title.textContent = said.dataset.count;
});
