/**
 * What stands in a form is kept on the server while somebody writes, so that it is there after the browser was closed.
 *
 *   <form data-draft="/drafts/?form=/policies/create/" data-draft-words="Draft kept at %(time)s">
 *
 * Kept is what has changed, some seconds after it has, and when the page is left; what is sent as a form is kept no more.
 */
const PAUSE = 3000;
const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"];

const isBox = (field) => field.type === "checkbox" || field.type === "radio"; // without a value of its own, one has another "value" than it was given
const isTouched = (field) =>
  field.type !== "hidden" && (isBox(field) ? field.checked !== field.defaultChecked : field.type !== "file" && field.value !== field.defaultValue);

class Draft {
  constructor(form) {
    // What it holds was not kept yet: it was sent, or written into before this module was there.
    const isNew = form.dataset.draftSent !== undefined || [...form.querySelectorAll("input[name], textarea[name]")].some(isTouched);
    Object.assign(this, { form, kept: isNew ? "" : this.written(form) });
    if (isNew) this.changed();
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    form.addEventListener("submit", (event) => !event.defaultPrevented && this.stop());
    addEventListener("pagehide", () => this.waiting && this.keep(true));
  }

  /** The fields as they would be sent; the server leaves out what is no text of the form, and what is secret. */
  written(form = this.form) {
    const all = [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string" && form.elements[name]?.type !== "password");
    return new URLSearchParams(all).toString();
  }

  changed() {
    this.waiting ??= setTimeout(() => this.keep(), PAUSE);
  }

  stop() {
    clearTimeout(this.waiting);
    this.asking?.abort();
    this.waiting = undefined;
  }

  async keep(keepalive = false) {
    this.stop();
    const body = this.written();
    if (body === this.kept || !this.form.isConnected) return;
    this.asking = new AbortController();
    const headers = { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": token() };
    const answer = await fetch(this.form.dataset.draft, { method: "POST", headers, body, keepalive, redirect: "error", signal: this.asking.signal }).catch(() => null);
    if (!answer?.ok) return;
    this.kept = body;
    this.say();
  }

  say() {
    const bar = this.form.querySelector(".form-actions");
    this.line ??= bar && bar.appendChild(Object.assign(document.createElement("span"), { className: "small faint" }));
    if (!this.line) return;
    const time = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }).format(new Date());
    this.line.textContent = this.form.dataset.draftWords.replace("%(time)s", time);
  }
}

const bound = new WeakSet();
const scan = () => document.querySelectorAll("form[data-draft]").forEach((form) => bound.has(form) || (bound.add(form), new Draft(form)));
scan();
document.addEventListener("htmx:load", scan);
