/**
 * Pickers (templates/components/picker.html): each step swaps the picker alone; what a side panel has created is chosen at once.
 *
 *   <div data-picker="policies" hx-get="/pick/policies/" hx-trigger="refresh" …>  <input data-pick>  <input data-pick-search>  <button data-pick-page>
 */
const PAUSE = 250;
const timers = new WeakMap();
/** Ask anew with what the picker holds now; one that has just been put in may not be known to htmx yet. */
const refresh = (picker) => {
  window.htmx?.process(picker);
  window.htmx?.trigger(picker, "refresh");
};
const pickerOf = (element) => element.closest?.("[data-picker]");

/** A hidden field that goes with the next step only. */
const carry = (picker, name, value) => picker.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));

// The newest step alone is answered. Htmx forgets a request that was sent before it has settled the picker, and could not end it: an older
// answer would take back the newer choice. A picker that was put in meanwhile takes the place of the one that asked.
const newest = new Map();
document.addEventListener("htmx:beforeSend", ({ detail: { elt, xhr } }) => elt.dataset?.picker && newest.set(elt.dataset.picker, xhr));
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const asking = detail.requestConfig?.elt;
  const name = asking?.dataset?.picker;
  if (!name) return;
  if (newest.get(name) !== detail.xhr) detail.shouldSwap = false;
  else if (!asking.isConnected) detail.target = document.getElementById(asking.id) ?? detail.target;
});

document.addEventListener("change", (event) => {
  const picker = event.target.matches?.("[data-pick]") && pickerOf(event.target);
  if (!picker) return;
  if (event.target.type === "radio") picker.querySelectorAll("input[type=checkbox][data-pick]").forEach((box) => (box.checked = false));
  event.target.form?.matches("[data-guard]") && (event.target.form.dataset.changed = "");
  refresh(picker);
});

document.addEventListener("input", (event) => {
  const picker = event.target.matches?.("[data-pick-search]") && pickerOf(event.target);
  if (!picker) return;
  clearTimeout(timers.get(picker));
  timers.set(picker, setTimeout(() => refresh(picker), PAUSE));
});

// Enter in the search searches; it does not send the form.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("[data-pick-search]")) return;
  event.preventDefault();
  refresh(pickerOf(event.target));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-pick-page]");
  if (!button || !window.htmx) return;
  event.preventDefault();
  carry(pickerOf(button), button.name, button.value);
  refresh(pickerOf(button));
});

// The row that had the focus may have moved away: the next one has its id, else the search takes the focus.
document.addEventListener("htmx:afterSettle", (event) => {
  const picker = event.target.matches?.("[data-picker]") ? event.target : document.getElementById(event.detail?.elt?.id);
  if (!picker?.matches?.("[data-picker]")) return;
  if (document.activeElement === document.body) picker.querySelector("[data-pick-search]")?.focus();
  const announcer = document.getElementById("announcer");
  if (announcer && picker.dataset.said) announcer.textContent = picker.dataset.said;
});

const pickerNamed = (name) => document.querySelector(`[data-picker="${CSS.escape(name)}"]`);

// What was chosen before is chosen again, in place of what is chosen now.
document.addEventListener("pages:chosen", ({ detail: { into, values } }) => {
  const picker = pickerNamed(into);
  if (!picker) return;
  picker.querySelectorAll("input[data-pick]:checked").forEach((box) => (box.checked = false));
  for (const value of values) carry(picker, into, value);
  refresh(picker);
});

document.addEventListener("pages:created", (event) => {
  const { into, value, said } = event.detail;
  const picker = pickerNamed(into);
  if (!picker) return;
  if (picker.querySelector("input[name=single]")) picker.querySelectorAll("[data-pick]:checked").forEach((box) => (box.checked = false));
  carry(picker, into, value);
  refresh(picker);
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  const note = Object.assign(document.createElement("div"), { className: "toast", textContent: said });
  document.getElementById("toasts")?.append(note);
  setTimeout(() => note.remove(), 4000);
});
