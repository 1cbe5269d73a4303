/**
 * The panel of the policy editor by which actions are chosen from a list and inserted: templates/components/editor_actions.html, and for each
 * service templates/policies/service_actions.html. Nothing of it is sent with the form.
 */
import { insertion, statementsIn } from "./editor_insert.js";
import { plural } from "./plural.js";

const filled = (words, values) => words.replace(/%\((\w+)\)s/g, (_all, name) => values[name]);

export class Actions {
  constructor(panel, button, editor, frame) {
    Object.assign(this, { panel, button, editor, frame, words: panel.dataset });
    this.part = (name) => panel.querySelector(`[data-${name}]`);
    button.addEventListener("click", () => (panel.hidden ? this.open() : this.close()));
    for (const kind of ["input", "change"]) {
      panel.addEventListener(kind, (event) => {
        event.stopPropagation(); // nothing of the form has changed
        this.changed(event.target, kind);
      });
    }
    panel.addEventListener("keydown", (event) => this.key(event));
    this.part("insert").addEventListener("click", () => this.insert());
    this.part("take-back").addEventListener("click", () => this.undo());
    this.part("close-actions").addEventListener("click", () => this.close());
    editor.session.on("change", () => panel.hidden || this.list());
    button.hidden = false;
  }

  open() {
    this.panel.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.list(true);
    this.services();
    this.part("service").focus();
  }

  close() {
    this.panel.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    this.button.focus();
  }

  say(text) {
    this.part("outcome").textContent = text;
  }

  key(event) {
    if (event.key === "Escape" && !event.defaultPrevented) {
      event.stopPropagation();
      this.close();
    } else if (event.key === "Enter" && event.target.matches("input")) {
      event.preventDefault(); // it would send the form
      if (event.target.matches("[data-service]")) this.choose();
    }
  }

  changed(field, kind) {
    if (field.type === "checkbox" && kind === "input") return; // it comes again as a change
    if (field.matches("[data-service]")) this.choose(kind);
    else if (field.matches("[data-search]")) this.sift(field.value);
    else if (field.matches("[data-statements]")) this.part("of-new").hidden = field.value !== "";
    else if (field.matches("[data-form]")) this.part("resource").value = field.value;
    else if (field.matches("[data-condition-key]")) this.keyed(field.value);
    else if (field.matches("[data-all]")) this.tick(field.closest("[data-level]"), field.checked);
    if (field.matches("[type=checkbox]")) this.count();
  }

  // --- what there is --------------------------------------------------------------------------------------------------

  async services() {
    const list = this.panel.querySelector("#editor-services");
    if (list.children.length) return;
    const answer = await fetch(this.words.services, { redirect: "error" }).catch(() => null);
    if (!answer?.ok) return;
    const { found } = await answer.json();
    list.replaceChildren(...found.map(({ value, about }) => Object.assign(document.createElement("option"), { value: value.replace(/:$/, ""), label: about })));
    this.choose("input"); // what was typed meanwhile
  }

  /** The service that was typed, by its prefix or its name; while one types, only one that there is. */
  async choose(kind = "change") {
    const typed = this.part("service").value.trim().toLowerCase();
    const options = [...this.panel.querySelectorAll("#editor-services option")];
    const known = options.find((each) => each.value === typed || each.label.toLowerCase() === typed);
    const near = !known && typed && kind === "change" ? options.filter((each) => each.value.startsWith(typed) || each.label.toLowerCase().includes(typed)) : [];
    if (near.length > 1) return this.say(filled(this.words.several, { services: near.slice(0, 5).map((each) => each.value).join(", ") }));
    if (near.length) this.part("service").value = near[0].value;
    const service = known?.value ?? near[0]?.value ?? (kind === "change" ? typed : "");
    if (!service || service === this.service) return;
    this.asking?.abort();
    this.asking = new AbortController();
    try {
      const answer = await fetch(`${this.words.from}?service=${encodeURIComponent(service)}`, { signal: this.asking.signal, redirect: "error" });
      if (answer.status === 404) return this.say(this.words.unknown);
      if (!answer.ok) throw new Error(answer.statusText);
      this.part("offer").innerHTML = await answer.text();
      this.service = service;
      this.say("");
      this.count();
    } catch (error) {
      if (error.name !== "AbortError") this.say(this.words.failed);
    }
  }

  /** The statements of the document, the one in which the cursor stands chosen when the panel opens. */
  list(isNew = false) {
    const select = this.part("statements");
    const chosen = select.value;
    const found = statementsIn(this.editor.getValue());
    if (!found) return; // while it is no JSON the last ones stay
    const words = ({ sid, line, number }) => filled(sid ? this.words.named : this.words.statement, { sid, line, number: number + 1 });
    select.replaceChildren(new Option(this.words.new, ""), ...found.map((each) => new Option(words(each), each.number)));
    const { doc } = this.editor.session;
    const at = doc.positionToIndex(this.editor.getCursorPosition());
    const here = isNew ? found.find((each) => at > each.start && at < each.end) ?? found.find((each) => each.isEmpty) : null;
    select.value = isNew ? String(here?.number ?? "") : found.some((each) => String(each.number) === chosen) ? chosen : "";
    this.part("of-new").hidden = select.value !== "";
  }

  // --- choosing -------------------------------------------------------------------------------------------------------

  boxes(where = this.panel) {
    return [...where.querySelectorAll("[data-action]")];
  }

  sift(typed) {
    const wanted = typed.trim().toLowerCase();
    let any = false;
    for (const level of this.panel.querySelectorAll("[data-level]")) {
      let fits = 0;
      for (const box of this.boxes(level)) {
        const row = box.closest("li");
        row.hidden = Boolean(wanted) && !row.textContent.toLowerCase().includes(wanted);
        if (!row.hidden) fits++;
      }
      level.hidden = !fits;
      level.open = Boolean(wanted && fits);
      any ||= fits > 0;
    }
    this.part("no-match").hidden = any;
    this.count();
  }

  /** All actions of a level, or of it those that are searched for. */
  tick(level, isChosen) {
    for (const box of this.boxes(level)) if (!box.closest("li").hidden) box.checked = isChosen;
  }

  chosen() {
    return this.boxes().filter((box) => box.checked);
  }

  count() {
    for (const level of this.panel.querySelectorAll("[data-level]")) {
      const boxes = this.boxes(level);
      const number = boxes.filter((box) => box.checked).length;
      level.querySelector("[data-chosen]").textContent = number;
      const seen = boxes.filter((box) => !box.closest("li").hidden);
      const ticked = seen.filter((box) => box.checked).length;
      Object.assign(level.querySelector("[data-all]"), { checked: ticked > 0 && ticked === seen.length, indeterminate: ticked > 0 && ticked < seen.length });
    }
    this.offer("resources", this.panel.querySelectorAll("#editor-form option[data-place]"));
    this.offer("keys", this.panel.querySelectorAll("#editor-keys option"));
  }

  /** Of resources and keys those that a chosen action knows, or all of them where none is chosen. */
  offer(what, options) {
    const chosen = this.chosen();
    const known = new Set(chosen.flatMap((box) => box.dataset[what].split(" ")));
    const isOpen = !chosen.length || this.part("every").checked;
    for (const option of options) option.disabled = !(isOpen || option.dataset.place === "all" || known.has(option.dataset.place));
  }

  async keyed(key) {
    if (key === this.condition) return; // leaving the field is no other key: the operator chosen meanwhile stays
    this.condition = key;
    const plain = key.replace(/\/.*/, "/").toLowerCase();
    const found = [...this.panel.querySelectorAll("#editor-keys option")].find((each) => [key.toLowerCase(), plain].includes(each.value.toLowerCase()));
    if (!found) return;
    this.part("condition-operator").value = found.dataset.operator;
    const { complete, kind } = this.frame.dataset;
    const query = new URLSearchParams({ place: "value", text: "", kind, key, operator: found.dataset.operator });
    const answer = await fetch(`${complete}?${query}`, { redirect: "error" }).catch(() => null);
    if (!answer?.ok || this.part("condition-key").value !== key) return;
    const values = (await answer.json()).found;
    this.panel.querySelector("#editor-values").replaceChildren(...values.map(({ value }) => new Option(value, value)));
  }

  // --- inserting ------------------------------------------------------------------------------------------------------

  insert() {
    const actions = this.part("every")?.checked ? [this.part("every").value] : this.chosen().map((box) => box.value);
    if (!actions.length) return this.say(this.words.nothing);
    const key = this.part("condition-key").value.trim();
    const value = this.part("value").value.trim();
    if (key && !value) return this.say(this.words.noValue), this.part("value").focus();
    const into = this.part("statements").value;
    const found = insertion(this.editor.getValue(), {
      actions, resource: this.part("resource").value.trim() || "*", effect: this.part("effect").value,
      condition: key ? { operator: this.part("condition-operator").value, key, value } : null, into: into === "" ? null : Number(into),
    });
    if (found.problem) return this.say(filled(this.words[found.problem], found));
    this.replace(found);
    this.list();
    const where = this.part("statements").options[found.number + 1]?.textContent ?? "";
    this.part("take-back").hidden = false;
    this.say(filled(plural(this.words.inserted, actions.length), { where }));
  }

  /** One step that can be undone; what came is shown chosen. */
  replace({ start, end, text }) {
    const { session } = this.editor;
    const { doc } = session;
    const { Range } = window.ace.require("ace/range");
    const place = (at) => doc.indexToPosition(at);
    session.getUndoManager().startNewGroup?.();
    session.replace(Range.fromPoints(place(start), place(end)), text);
    const [from, to] = [place(start), place(start + text.length)];
    this.editor.selection.setRange(Range.fromPoints(from, to));
    this.editor.scrollToLine(from.row, true, false);
  }

  undo() {
    this.editor.undo();
    this.part("take-back").hidden = true;
    this.part("insert").focus();
    this.say(this.words.undone);
  }
}
