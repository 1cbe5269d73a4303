/**
 * The simulator's principal field asks for names while one types.
 *
 *   <input name="principal" list="principals">  <datalist id="principals" data-source="/simulator/principals/"></datalist>
 */
const field = document.querySelector("input[name=principal][list]");
const list = document.getElementById("principals");
let waiting, last;

async function offer() {
  if (!list?.dataset.source || field.value === last) return;
  last = field.value;
  const answer = await fetch(`${list.dataset.source}?principal=${encodeURIComponent(last)}`, { credentials: "same-origin" }).catch(() => null);
  if (answer?.ok && field.value === last) list.innerHTML = await answer.text();
}
field?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(offer, 150);
});
field?.addEventListener("focus", offer);
