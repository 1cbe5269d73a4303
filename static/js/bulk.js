/**
 * Selection in lists: the box in the head takes the page, shift takes a range, the bar counts, and what is ticked stays ticked while
 * the list is filtered, sorted and paged (as hidden fields, so that a button sends it all).
 *
 *   <form><input type="checkbox" data-select-all hidden>  <input type="checkbox" name="select" value="7">
 *   <div class="selection"><span data-select-count data-many="(forms)" data-every="All 4,812 users selected"> … <button data-exactly="2">Compare</button> <button type="button" data-unselect hidden></div></form>
 */
import { plural } from "./plural.js";

const picked = new Map(); // list id → set of values
let last;
const boxes = (form) => [...form.querySelectorAll("input[name=select][type=checkbox]")];
const listOf = (element) => element.closest("[data-listing]")?.id ?? "";
const picks = (id) => picked.get(id) ?? picked.set(id, new Set()).get(id);

function refresh(form) {
  const all = boxes(form);
  const chosen = picks(listOf(form));
  for (const box of all) box.checked ? chosen.add(box.value) : chosen.delete(box.value);
  const ticked = all.filter((box) => box.checked).length;
  const [head, every, count, bar] = ["[data-select-all]", "input[name=all]", "[data-select-count]", ".selection"].map((one) => form.querySelector(one));
  if (head) [head.checked, head.indeterminate] = [ticked > 0 && ticked === all.length, ticked > 0 && ticked < all.length];
  if (every && ticked < all.length) every.checked = false;
  if (count) count.textContent = every?.checked ? count.dataset.every : plural(count.dataset.many, chosen.size);
  bar?.querySelectorAll("input[type=hidden][name=select]").forEach((field) => field.remove());
  const here = new Set(all.map((box) => box.value));
  for (const value of chosen) if (!here.has(value)) bar?.append(Object.assign(document.createElement("input"), { type: "hidden", name: "select", value }));
  bar?.classList.toggle("shown", chosen.size > 0);
  bar?.querySelectorAll("[data-exactly]").forEach((button) => (button.hidden = every?.checked || chosen.size !== Number(button.dataset.exactly)));
}

function ready(where) {
  where.querySelectorAll?.("[data-select-all], [data-unselect]").forEach((element) => (element.hidden = false));
  for (const form of where.querySelectorAll?.("[data-listing] form:has(.selection)") ?? []) {
    boxes(form).forEach((box) => (box.checked ||= picks(listOf(form)).has(box.value)));
    refresh(form);
  }
}
ready(document);
document.addEventListener("htmx:load", (event) => ready(event.target.parentElement ?? event.target));

document.addEventListener("click", (event) => {
  const box = event.target.closest("input[name=select]");
  if (box) {
    const all = boxes(box.form);
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    if (event.shiftKey && from >= 0) all.slice(from, to + 1).forEach((other) => (other.checked = box.checked));
    last = box;
  } else if (event.target.closest("[data-unselect]")) {
    const { form } = event.target.closest("[data-unselect]");
    picks(listOf(form)).clear();
    boxes(form).forEach((other) => (other.checked = false));
    refresh(form);
  }
});
document.addEventListener("change", (event) => {
  const { form, checked } = event.target;
  if (event.target.matches("[data-select-all]") || (event.target.matches("input[name=all]") && checked)) boxes(form).forEach((box) => (box.checked = checked));
  if (event.target.matches("[data-select-all], input[name=select], input[name=all]")) refresh(form);
});
