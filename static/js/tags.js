/**
 * Tags as rows of key and value over the text that holds them. The text stays what is sent, and can be written itself.
 *
 *   <textarea data-tags='{"key": "Key", "value": "Value", "optional": "optional", "add": "Add tag", "remove": "Remove", "text": "Edit as text", "rows": "Edit as rows", "count": "{used} of {most}", "most": 50}'>
 */
const pairOf = (line) => {
  const [key, ...rest] = line.split(/(?<!\\)=/);
  return [key.replaceAll("\\=", "=").trim(), rest.join("=").trim()];
};
const lineOf = ([key, value]) => (key || value ? `${key.replaceAll("=", "\\=")} = ${value}` : "");
const pairsOf = (text) => text.split(/\r?\n/).filter((line) => line.trim()).map(pairOf);
const element = (name, properties, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

class Tags {
  constructor(area) {
    this.area = area;
    this.words = JSON.parse(area.dataset.tags);
    this.help = document.getElementById(`${area.id}_helptext`);
    this.rows = element("ul", { className: "tag-rows" });
    this.add = element("button", { type: "button", className: "button", textContent: this.words.add });
    this.turn = element("button", { type: "button", className: "button quiet" });
    this.count = element("span", { className: "soft small num" });
    this.group = element("div", { className: "tags-editor", role: "group", ariaLabel: area.labels?.[0]?.textContent.trim() ?? "" });
    this.head = element("div", { className: "tag-head", ariaHidden: "true" }, element("span", { textContent: this.words.key }), element("span", {}, `${this.words.value} `, element("span", { className: "optional", textContent: this.words.optional })));
    this.group.append(this.head, this.rows, element("div", { className: "form-actions" }, this.add, this.turn, this.count));
    area.before(this.group);
    this.add.addEventListener("click", () => this.append(["", ""]).focus());
    this.turn.addEventListener("click", () => this.show(!this.asRows));
    this.show(area.getAttribute("aria-invalid") !== "true");
  }

  /** Either the rows or the text is shown; a text with a mistake is shown as it was typed, for the mistake names its line. */
  show(asRows) {
    this.asRows = asRows;
    this.area.hidden = asRows;
    if (this.help) this.help.hidden = asRows; // it says how the text is written
    this.head.hidden = this.rows.hidden = this.add.hidden = !asRows;
    this.turn.textContent = asRows ? this.words.text : this.words.rows;
    if (!asRows) return (this.count.textContent = "");
    this.rows.replaceChildren();
    const pairs = pairsOf(this.area.value);
    (pairs.length ? pairs : [["", ""]]).forEach((pair) => this.append(pair));
    this.counted();
  }

  append(pair) {
    const [key, value] = [this.words.key, `${this.words.value} ${this.words.optional}`].map((label, index) =>
      element("input", { className: "control mono", value: pair[index], ariaLabel: label,
        maxLength: index ? 256 : 128, autocomplete: "off", spellcheck: false }));
    const remove = element("button", { type: "button", className: "icon-button", ariaLabel: this.words.remove, title: this.words.remove }, "×");
    const row = element("li", {}, key, value, remove);
    row.addEventListener("input", () => this.write());
    row.addEventListener("keydown", (event) => this.key(event, row));
    row.addEventListener("paste", (event) => this.paste(event, row));
    remove.addEventListener("click", () => this.remove(row));
    this.rows.append(row);
    return key;
  }

  /** Enter goes on to the next row; it does not send the form. */
  key(event, row) {
    if (event.key !== "Enter" || event.target.matches("button")) return;
    event.preventDefault();
    const next = event.target.nextElementSibling;
    if (next?.matches("input")) next.focus();
    else (row.nextElementSibling?.querySelector("input") ?? this.append(["", ""])).focus();
  }

  /** Several lines from the clipboard become several rows. */
  paste(event, row) {
    const pairs = pairsOf(event.clipboardData?.getData("text") ?? "");
    if (pairs.length < 2) return;
    event.preventDefault();
    if (![...row.querySelectorAll("input")].some((input) => input.value)) row.remove();
    pairs.forEach((pair) => this.append(pair));
    this.write();
    this.rows.lastElementChild.querySelector("input").focus();
  }

  remove(row) {
    const near = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this.write();
    (near?.querySelector("input") ?? this.add).focus();
  }

  write() {
    const pairs = [...this.rows.children].map((row) => [...row.querySelectorAll("input")].map((input) => input.value.trim()));
    this.area.value = pairs.map(lineOf).filter(Boolean).join("\n");
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
    this.counted();
  }

  counted() {
    const used = pairsOf(this.area.value).length;
    this.count.textContent = this.words.count.replace("{used}", used).replace("{most}", this.words.most);
    this.add.disabled = this.rows.children.length >= this.words.most;
  }
}

const enhance = (where) => where.querySelectorAll?.("textarea[data-tags]:not([data-tags-ready])").forEach((area) => {
  area.dataset.tagsReady = "";
  new Tags(area);
});
enhance(document);
document.addEventListener("htmx:load", (event) => enhance(event.target));
