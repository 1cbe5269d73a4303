/**
 * Forms: typed confirmation, unsaved changes, one submit at a time, focus on the error summary, fields checked when they are left.
 *
 *   <input id="…" data-confirm-for="delete-it" data-wrong="…"> <button id="delete-it" data-confirm-typed="alice">Delete</button>
 *   <textarea data-lines="[a-z]+" data-wrong="Line {number}: {line} is no name."> checks each line that is not empty
 *   <form data-busy="This may take a minute."> says so with a moving bar from the sending to the answer
 *   <form data-busy="…" data-progress="/import/progress/"> asks there how much is done: {"share": 0.4}
 *   <form data-guard> asks before changes are left;  <div data-focus-first tabindex="-1"> takes the focus when it appears
 */
import { plural } from "./plural.js";

// What is wrong with a field is said below it as soon as it is left, in its own words (data-wrong) or the browser's. A field that was
// never filled is not complained about before the form is sent.
const say = (field, text) => {
  const id = `${field.id}_wrong`;
  const others = (field.getAttribute("aria-describedby") || "").split(" ").filter((each) => each && each !== id);
  let line = document.getElementById(id);
  if (text && !line) {
    line = Object.assign(document.createElement("p"), { id, className: "field-error" });
    field.after(line);
  }
  if (text) line.textContent = text;
  else line?.remove();
  field.setAttribute("aria-invalid", String(Boolean(text)));
  field.setAttribute("aria-describedby", [...others, ...(text ? [id] : [])].join(" "));
};
const check = (input) => {
  const button = document.getElementById(input.dataset.confirmFor);
  if (!button) return;
  const isOpen = fits(input);
  button.ariaDisabled = String(!isOpen);
  if (isOpen) button.removeAttribute("aria-describedby");
  else button.setAttribute("aria-describedby", `${input.id}_helptext`); // why it does nothing yet
  if (isOpen && document.getElementById(`${input.id}_wrong`)) say(input, "");
};
const fits = (input) => input.value === document.getElementById(input.dataset.confirmFor)?.dataset.confirmTyped;
const ready = (where) => {
  where.querySelectorAll?.("[data-confirm-for]").forEach(check);
  where.querySelector?.("[data-focus-first]")?.focus();
  // The console answers with all that is wrong, in its own words; the browser would show one bubble and send nothing.
  for (const form of where.querySelectorAll?.("form[method=post]") ?? []) form.noValidate = true;
  if (where.method === "post") where.noValidate = true;
};
const wait = (form) => {
  const bar = Object.assign(document.createElement("progress"), { ariaHidden: "true" });
  const line = Object.assign(document.createElement("p"), { className: "busy" });
  line.append(bar, form.dataset.busy);
  form.append(line);
  const announcer = document.getElementById("announcer");
  if (announcer) announcer.textContent = form.dataset.busy;
  if (form.dataset.progress) follow(form.dataset.progress, bar, line, announcer);
};
const follow = (address, bar, line, announcer) => {
  const said = Object.assign(document.createElement("span"), { className: "num" });
  line.append(said);
  const ask = setInterval(async () => {
    if (!line.isConnected) return clearInterval(ask);
    const { share } = await fetch(address).then((answer) => answer.json()).catch(() => ({ share: null }));
    if (share === null) return;
    bar.value = share;
    const text = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" }).format(share);
    if (announcer && Math.floor(share * 4) > Math.floor((Number(said.dataset.share) || 0) * 4)) announcer.textContent = text;
    said.dataset.share = share;
    said.textContent = text;
  }, 500);
};
ready(document);
document.addEventListener("htmx:load", (event) => ready(event.target));

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-confirm-for]")) check(event.target);
  event.target.form?.matches("[data-guard]") && (event.target.form.dataset.changed = "");
});

document.addEventListener("submit", (event) => {
  const { submitter, target: form } = event;
  if (form.dataset.sent !== undefined) return event.preventDefault();
  if (submitter?.ariaDisabled === "true") {
    event.preventDefault();
    const typed = submitter.id && form.querySelector(`[data-confirm-for="${CSS.escape(submitter.id)}"]`);
    if (typed) {
      say(typed, typed.dataset.wrong);
      typed.focus();
    }
    return;
  }
  delete form.dataset.changed;
  if (form.method === "post" && !form.matches("[hx-post], [hx-boost] *")) form.dataset.sent = "";
  if (form.dataset.busy) wait(form);
});

// A page that comes back from the browser's memory may be sent again.
addEventListener("pageshow", () => document.querySelectorAll("form[data-busy] > .busy").forEach((line) => line.remove()));
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
addEventListener("beforeunload", (event) => document.querySelector("form[data-guard][data-changed]") && event.preventDefault());

document.addEventListener("input", ({ target }) => target.matches?.(".field :is(input, textarea)") && (target.dataset.filled = ""));
// A line that comes or goes moves what is below it: while a pointer is down, that waits until its click has been given.
const waiting = new Set();
let isPressed = false;
/** What is wrong with a field in its own words, or the browser's; an empty text when nothing is. */
const wrongWith = (field) => {
  const { lines, confirmFor, wrong } = field.dataset;
  if (confirmFor) return field.value && !fits(field) ? wrong : "";
  const { valid, patternMismatch } = field.validity;
  if (!valid) return field.value || "filled" in field.dataset ? (patternMismatch && wrong) || field.validationMessage : "";
  if (!lines) return "";
  const pattern = new RegExp(`^(?:${lines})$`, "u");
  const all = field.value.split(/\r?\n/);
  const at = all.findIndex((line) => line.trim() && !pattern.test(line.trim()));
  return at < 0 ? "" : wrong.replace("{number}", at + 1).replace("{line}", () => all[at].trim());
};
const look = (field) => {
  const text = wrongWith(field);
  if (text || document.getElementById(`${field.id}_wrong`)) say(field, text);
};
const release = () => {
  isPressed = false;
  for (const field of waiting) if (field.isConnected) look(field);
  waiting.clear();
};
// After a tap the mouse events come last, and the field is left by them.
for (const name of ["pointerdown", "mousedown"]) addEventListener(name, () => (isPressed = true), true);
for (const name of ["pointerup", "mouseup", "pointercancel", "dragend"]) addEventListener(name, () => setTimeout(release), true);
// A field that is not asked for any more, since something else was chosen, is no problem any more either.
document.addEventListener("change", ({ target }) => {
  const summary = target.matches("input[type=radio], select") && document.querySelector(".error-summary");
  if (!summary) return;
  const lines = [...summary.querySelectorAll("li")];
  for (const line of lines) {
    const field = document.getElementById(line.querySelector('a[href^="#"]')?.hash.slice(1) ?? "");
    line.hidden = Boolean(field) && !field.closest(".field")?.checkVisibility();
  }
  const left = lines.filter((line) => !line.hidden).length;
  const title = summary.querySelector("[data-many]");
  summary.hidden = !left;
  if (left && title) title.textContent = plural(title.dataset.many, left);
});
document.addEventListener("focusout", ({ target: field }) => {
  if (!field.matches?.(".field :is(input, select, textarea)[id]") || ["radio", "checkbox", "password"].includes(field.type)) return;
  if (isPressed) waiting.add(field);
  else look(field);
});
