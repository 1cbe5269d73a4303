/**
 * Makes an editor of any text area for a policy document: colours, findings at their lines with fixes, completion, size, layout on request.
 *
 *   <textarea data-editor="identity">  the kind of document: identity, trust, boundary, session, resource, scp, rcp
 *
 * The text area stays what the form sends; the text is never changed unasked. The frame below it (templates/components/editor_frame.html)
 * has the words and addresses; a text area that comes without one gets it from the server.
 */
import { plural } from "./plural.js";

const ASSETS = new URL("../django_ace/ace/", import.meta.url).href;
const FRAME = "/policies/editor/";
const PAUSE = 400;
const LEAST_LINES = 12; // a document in one line has room to be laid out
const LONG_LINE = 180; // letters: a document is read line by line, and this is more than one shows
const THEME = { cssClass: "ace-policy", cssText: "", isDark: false, padding: 8 };
let loading;

const script = (src) =>
  new Promise((resolve, reject) => document.head.append(Object.assign(document.createElement("script"), { src, onload: resolve, onerror: reject })));

/** Ace, loaded once: without inline styles and workers, as the Content Security Policy asks. */
async function ace() {
  const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${ASSETS}css/ace.css` });
  document.head.prepend(style);
  await script(`${ASSETS}ace.js`);
  const { config } = window.ace;
  config.set("basePath", ASSETS);
  config.set("useStrictCSP", true);
  config.set("loadWorkerFromBlob", false);
  await Promise.all([script(`${ASSETS}mode-json.js`), script(`${ASSETS}ext-language_tools.js`)]);
  return window.ace;
}

const filled = (words, values) => words.replace(/%\((\w+)\)s/g, (_all, name) => values[name]);
const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"];

async function post(url, body, signal) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token() };
  return fetch(url, { method: "POST", headers, body: JSON.stringify(body), signal, redirect: "error" });
}

/** The text area's frame: beside it, or else from the server. */
async function frameOf(area) {
  const beside = area.closest(".policy-editor")?.querySelector("[data-editor-frame]");
  if (beside) return beside;
  const box = document.createElement("div");
  box.className = "policy-editor";
  area.replaceWith(box);
  box.append(area);
  const answer = await fetch(`${FRAME}?kind=${encodeURIComponent(area.dataset.editor)}`);
  box.insertAdjacentHTML("beforeend", await answer.text());
  return box.querySelector("[data-editor-frame]");
}

/** One space or tab deeper than the line before: what the document itself is indented by. */
const indentOf = (text) => /\n( +)\S/.exec(text)?.[1].length || 4;

class PolicyEditor {
  constructor(area, frame, lib) {
    Object.assign(this, { area, frame, lib, kind: area.dataset.editor, checked: null, severity: null, marks: [] });
    this.box = Object.assign(document.createElement("div"), { className: "editor-text" });
    area.before(this.box);
    this.editor = lib.edit(this.box, {
      useWorker: false, // before the mode, which would start one
      mode: "ace/mode/json", theme: THEME, value: area.value, showPrintMargin: false, tabSize: indentOf(area.value), useSoftTabs: true,
      minLines: Math.max(LEAST_LINES, area.rows), maxLines: Math.max(40, area.rows), wrap: true, indentedSoftWrap: false, fontSize: "13px", scrollPastEnd: 0,
      enableKeyboardAccessibility: true, textInputAriaLabel: area.labels?.[0]?.firstChild?.textContent.trim() || "", readOnly: area.readOnly || area.disabled,
      enableBasicAutocompletion: true, enableLiveAutocompletion: true, fixedWidthGutter: true,
    });
    this.editor.session.setNewLineMode("unix");
    this.editor.clearSelection();
    this.editor.gotoLine(1, 0, false);
    this.box.classList.toggle("invalid", area.getAttribute("aria-invalid") === "true");
    frame.querySelector("[data-format-now]").disabled = this.editor.getReadOnly();
    area.required = false;
    area.hidden = true;
    frame.hidden = false;
    this.sentences = frame.parentElement.querySelector("[data-sentences]");
    if (this.sentences) this.sentences.hidden = false;
    new ResizeObserver(() => this.editor.resize()).observe(this.box);
    this.listen();
    this.offerActions();
    this.measure();
    this.place();
    this.check().then(() => this.tellConsequences());
  }

  async offerActions() {
    const [panel, button] = ["actions", "add-actions"].map((name) => this.frame.querySelector(`[data-${name}]`));
    if (!panel || this.editor.getReadOnly()) return;
    const { Actions } = await import("./editor_actions.js");
    new Actions(panel, button, this.editor, this.frame);
  }

  async tellConsequences() {
    const box = this.frame.parentElement.querySelector("[data-consequences]");
    if (!box || this.editor.getReadOnly()) return;
    const { Consequences } = await import("./editor_consequences.js");
    this.consequences = new Consequences(box, this.editor, post);
  }

  listen() {
    const { area, editor, frame } = this;
    editor.session.on("change", () => this.changed());
    editor.selection.on("changeCursor", () => this.place());
    area.addEventListener("change", () => area.value !== editor.getValue() && editor.session.setValue(area.value));
    for (const label of area.labels ?? []) label.addEventListener("click", (event) => (event.preventDefault(), editor.focus()));
    document.addEventListener("click", (event) => {
      if (!event.target.closest(`a[href="#${area.id}"]`)) return;
      event.preventDefault();
      editor.focus();
    });
    frame.querySelector("[data-format-now]").addEventListener("click", () => this.format());
    frame.querySelector("[data-findings]").addEventListener("click", (event) => this.pressed(event));
    this.sentences?.addEventListener("click", (event) => this.pressed(event));
  }

  changed() {
    this.area.value = this.editor.getValue();
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
    this.measure();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.check(), PAUSE);
  }

  /** The size as AWS counts it: without white space. */
  measure() {
    const shown = this.frame.querySelector("[data-size]");
    const meter = this.frame.querySelector("[data-meter]");
    const size = [...this.editor.getValue().replace(/\s/g, "")].length;
    const limited = !meter.hidden;
    shown.textContent = plural(shown.dataset.words, size);
    meter.value = size;
    this.frame.toggleAttribute("data-too-long", limited && size > meter.max);
    const { session } = this.editor;
    this.frame.querySelector("[data-one-line]").hidden = this.editor.getReadOnly() || ![...Array(session.getLength()).keys()].some((row) => session.getLine(row).length > LONG_LINE);
  }

  place() {
    const at = this.editor.getCursorPosition();
    const shown = this.frame.querySelector("[data-place]");
    shown.textContent = filled(shown.dataset.words, { line: at.row + 1, column: at.column + 1 });
  }

  say(text) {
    this.frame.querySelector("[data-said]").textContent = text;
  }

  async check() {
    this.asking?.abort();
    this.asking = new AbortController();
    const text = this.editor.getValue();
    try {
      const answer = await post(this.frame.dataset.check, { document: text, kind: this.kind }, this.asking.signal);
      if (!answer.ok) throw new Error(answer.statusText);
      this.show(text, await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") this.say(this.frame.dataset.failed);
    }
  }

  show(text, found) {
    this.checked = text;
    this.frame.querySelector("[data-findings]").innerHTML = found.html;
    this.frame.querySelectorAll("[data-findings] :is([data-go-to], [data-fix], .findings-tabs)").forEach((each) => (each.hidden = false));
    const groups = [...this.frame.querySelectorAll("[data-group]")].map((group) => group.dataset.group);
    this.choose([this.severity, "ERROR", ...groups].find((each) => groups.includes(each)));
    this.mark(found.marks);
    this.tell(found.sentences);
    this.say(found.said);
  }

  /** The document in sentences. While a text is none, the last ones stay, and it is said. */
  tell(html) {
    if (!this.sentences) return;
    const body = this.sentences.lastElementChild;
    this.sentences.toggleAttribute("data-old", !html);
    if (html) body.innerHTML = html;
    else if (!body.querySelector(".unread")) body.prepend(Object.assign(document.createElement("p"), { className: "unread small soft", textContent: this.sentences.dataset.unread }));
  }

  /** Signs in the gutter and lines under the text. */
  mark(found) {
    const { session } = this.editor;
    const { Range } = this.lib.require("ace/range");
    const kinds = { ERROR: "error", SECURITY_WARNING: "warning", WARNING: "warning", SUGGESTION: "info" };
    session.setAnnotations(found.map((each) => ({ row: each.line - 1, column: each.column - 1, text: each.message, type: kinds[each.severity] })));
    this.marks.forEach((id) => session.removeMarker(id));
    this.marks = found.map((each) => {
      const end = each.endLine === each.line ? each.endColumn - 1 : session.getLine(each.line - 1).length;
      return session.addMarker(new Range(each.line - 1, each.column - 1, each.line - 1, end), `editor-mark editor-mark-${kinds[each.severity]}`, "text");
    });
  }

  choose(severity) {
    this.frame.querySelectorAll("[data-severity]").forEach((tab) => tab.setAttribute("aria-pressed", String(tab.dataset.severity === severity)));
    this.frame.querySelectorAll("[data-group]").forEach((group) => (group.hidden = group.dataset.group !== severity));
  }

  pressed(event) {
    const button = event.target.closest("button");
    if (button?.dataset.severity) this.choose((this.severity = button.dataset.severity));
    else if (button?.dataset.goTo) this.goTo(...button.dataset.goTo.split(":").map(Number));
    else if (button?.dataset.fix) this.fix(JSON.parse(button.dataset.fix));
  }

  goTo(line, column) {
    this.editor.gotoLine(line, column - 1, false);
    this.editor.focus();
  }

  /** Apply a fix, as one step that can be undone; its places are those of the text that was checked, counted in characters. */
  fix(edits) {
    if (this.editor.getValue() !== this.checked) return;
    const parts = [...this.checked];
    for (const [start, end, replacement] of [...edits].sort((one, other) => other[0] - one[0])) parts.splice(start, end - start, replacement);
    this.replace(parts.join(""));
    this.say(this.frame.dataset.fixed);
    this.editor.focus();
  }

  async format() {
    const answer = await post(this.frame.dataset.format, { document: this.editor.getValue(), kind: this.kind });
    const found = await answer.json();
    if (!answer.ok) {
      this.say(filled(this.frame.dataset.notJson, found));
      return this.goTo(found.line, found.column);
    }
    if (found.text.trim() !== this.editor.getValue().trim()) this.replace(found.text);
    this.say(this.frame.dataset.formatted);
  }

  /** Another text in the place of the whole, which Ctrl+Z takes back; the cursor stays on its line. */
  replace(text) {
    const { session } = this.editor;
    const { Range } = this.lib.require("ace/range");
    const row = this.editor.getCursorPosition().row;
    session.replace(new Range(0, 0, session.getLength(), 0), text);
    this.editor.gotoLine(row + 1, 0, false);
  }
}

async function bind(area) {
  if (area.dataset.bound !== undefined) return;
  area.dataset.bound = "";
  loading ??= ace();
  const [lib, frame, { completer }] = await Promise.all([loading, frameOf(area), import("./editor_completion.js")]);
  const bound = new PolicyEditor(area, frame, lib);
  bound.editor.completers = [completer(frame)];
}

const scan = (where) => where.querySelectorAll?.("textarea[data-editor]").forEach(bind);
scan(document);
document.addEventListener("htmx:load", (event) => scan(event.target));
