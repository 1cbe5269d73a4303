/**
 * Suggestions under a filter or search box, fetched while one types; combobox.js walks them by keyboard.
 *
 *   <search><form data-filter><input name="q" data-suggest="/search/"> …</form><div class="suggestions"></div></search>
 *   a suggestion is a link; one with data-fill puts its text into the box instead of leading somewhere
 */
let waiting, asked, swapping;
const parts = (form) => {
  const input = form.querySelector("input[name=q]");
  const source = form.querySelector("[data-suggest]")?.dataset.suggest;
  return { input, source, list: form.closest("search").querySelector(".suggestions") };
};
const close = (list) => {
  list.replaceChildren();
  list.closest("search")?.querySelector("input[role=combobox]")?.setAttribute("aria-expanded", "false");
};

async function suggest(form) {
  const { input, source, list } = parts(form);
  const text = input.value;
  const url = new URL(source, location.href);
  url.searchParams.set(url.searchParams.has("suggest") ? "add" : "q", text);
  const mine = (asked = Symbol(text));
  const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok || asked !== mine || !form.contains(document.activeElement)) return;
  list.innerHTML = await answer.text();
  window.htmx?.process(list);
  list.id ||= "offers";
  list.role = "listbox";
  list.querySelectorAll("ul, li, form, .heading").forEach((element) => (element.role = "presentation"));
  list.querySelectorAll("a, button").forEach((link, number) => Object.assign(link, { role: "option", id: `${list.id}-${number}`, tabIndex: -1, ariaSelected: "false" }));
  Object.assign(input, { role: "combobox", ariaExpanded: String(list.querySelector("a, button") !== null), ariaAutoComplete: "list" });
  input.setAttribute("aria-controls", list.id);
  input.removeAttribute("aria-activedescendant");
}

document.addEventListener("input", (event) => {
  const form = event.target.matches("input[name=q]") && event.target.closest("form[data-filter]");
  if (!form) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => suggest(form), 140);
});
document.addEventListener("focusin", (event) => {
  for (const form of document.querySelectorAll("form[data-filter]")) if (!form.closest("search").contains(event.target)) close(parts(form).list);
  const form = event.target.matches("input[name=q]") && event.target.closest("form[data-filter]");
  if (form && !swapping && (form.closest("[data-listing]") || event.target.value)) suggest(form);
});
document.addEventListener("htmx:beforeSwap", () => (swapping = true)); // the focus that comes back after a swap asks for nothing
document.addEventListener("htmx:afterSettle", () => (swapping = false));
document.addEventListener("click", (event) => {
  const opener = event.target.closest("a[data-suggest]");
  const link = event.target.closest(".suggestions a[data-fill]");
  const form = (opener ?? link)?.closest("search")?.querySelector("form[data-filter]");
  if (form) {
    event.preventDefault();
    const { input } = parts(form);
    if (link) input.value = link.dataset.fill;
    input.focus();
    suggest(form);
  } else if (!event.target.closest("form[data-filter], .suggestions")) document.querySelectorAll(".suggestions").forEach(close);
});
