/**
 * What was typed outlives a request that never reached the console: whoever comes to the form again after the browser's own error page
 * finds it there.
 *
 *   <template id="unsent" data-reader="arn…"> what is said above the form </template>      <body data-posted> the answer to a form that was sent
 *
 * It is kept in this tab from the sending until the console answers, by a page or by leading to another one; an hour at most. No password,
 * code or file is.
 */
const KEY = "unsent";
const LONGEST = 3600_000;
const words = document.getElementById("unsent");
const SECRET = ["hidden", "password", "file", "submit", "button", "select-multiple"];
// What a picker shows comes and goes with its search: of it only what is chosen is kept, and what somebody typed who may not look.
const isKept = (field) => {
  const { name, type, autocomplete } = field;
  return name && !SECRET.includes(type) && autocomplete !== "one-time-code" && !/code|secret|token/.test(name) && (!field.closest("[data-picker]") || field.matches("textarea"));
};
const forms = () => [...document.querySelectorAll("main form[method=post]")];
const place = () => location.pathname + location.search;

const picks = (form) =>
  [...form.querySelectorAll("[data-picker]")].map((picker) => [picker.dataset.picker, [...picker.querySelectorAll("input[data-pick]:checked")].map(({ value }) => value)]);

const remember = (form) => {
  const fields = [...form.elements].filter(isKept).map(({ name, type, value, checked }) => (/checkbox|radio/.test(type) ? [name, value, checked] : [name, value]));
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ time: Date.now(), reader: words.dataset.reader, place: place(), number: forms().indexOf(form), fields, picks: picks(form) }));
  } catch {
    sessionStorage.removeItem(KEY); // more than a tab may keep
  }
};

const fill = (form, fields) => {
  const rest = [...form.elements].filter(isKept);
  let isChanged = false;
  for (const [name, value, checked] of fields) {
    const at = rest.findIndex((field) => field.name === name && (checked === undefined || field.value === value));
    if (at < 0) continue;
    const [field] = rest.splice(at, 1);
    if (checked === undefined ? field.value === value : field.checked === checked) continue;
    if (checked === undefined) field.value = value;
    else field.checked = checked;
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
    isChanged = true;
  }
  return isChanged;
};

const choose = (form, chosen = []) => {
  const there = new Map(picks(form));
  const other = chosen.filter(([name, values]) => there.has(name) && values.join() !== there.get(name).join());
  for (const [into, values] of other) document.dispatchEvent(new CustomEvent("pages:chosen", { detail: { into, values } }));
  return other.length > 0;
};

const before = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
const [{ redirectCount } = {}] = performance.getEntriesByType("navigation");
const isAnswered = "posted" in document.body.dataset || redirectCount > 0;
if (before && (isAnswered || before.reader !== words?.dataset.reader || Date.now() - before.time > LONGEST)) sessionStorage.removeItem(KEY);
else if (before?.place === place()) {
  sessionStorage.removeItem(KEY);
  const form = forms()[before.number];
  const isFilled = form && [fill(form, before.fields), choose(form, before.picks)].includes(true);
  if (isFilled) form.prepend(words.content.cloneNode(true));
}

document.addEventListener("submit", ({ target, defaultPrevented }) => {
  if (words && !defaultPrevented && target.method === "post" && target.closest("main") && !target.matches("[hx-post], [hx-boost] *")) remember(target);
});
