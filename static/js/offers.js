/**
 * A field with a list of offers asks for them while one types. Loaded by the pages that have such a field.
 *
 *   <input name="name" list="principals">  <datalist id="principals" data-source="/simulator/principals/?principal="></datalist>
 */
function ask(field, list) {
  let waiting, last;
  const offer = async () => {
    if (field.value === last) return;
    last = field.value;
    const answer = await fetch(`${list.dataset.source}${encodeURIComponent(last)}`, { credentials: "same-origin" }).catch(() => null);
    if (answer?.ok && field.value === last) list.innerHTML = await answer.text();
  };
  field.addEventListener("focus", offer);
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(offer, 150);
  });
}
for (const list of document.querySelectorAll("datalist[data-source]")) document.querySelectorAll(`input[list="${list.id}"]`).forEach((field) => ask(field, list));
