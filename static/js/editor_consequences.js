/**
 * What the document would do, beside the editor: asked for once the editor stands, and again when nothing was typed for a moment.
 *
 *   <div data-consequences="/policies/consequences/…/" data-name=""> with [data-told], [data-unread], [data-told-briefly], button[data-review]
 */
const PAUSE = 900; // longer than for findings: more is looked at
const REVIEW = "button[name=review]";

export class Consequences {
  constructor(box, editor, post) {
    Object.assign(this, { box, editor, post, note: "", told: null });
    this.part = (name) => box.querySelector(`[data-${name}]`);
    box.hidden = false;
    editor.session.on("change", () => this.changed());
    this.part("review").addEventListener("click", (event) => this.review(event.target.closest("form")));
    this.ask();
  }

  changed() {
    clearTimeout(this.waiting);
    this.asking?.abort();
    this.box.toggleAttribute("data-old", true);
    this.waiting = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    const document = this.editor.getValue();
    if (document === this.told) return this.box.removeAttribute("data-old");
    this.box.setAttribute("aria-busy", "true");
    try {
      const answer = await this.post(this.box.dataset.consequences, { document, note: this.note, name: this.box.dataset.name }, asking.signal);
      if (!answer.ok) throw new Error(answer.statusText);
      this.show(document, await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") this.unread(this.box.dataset.failed);
    }
    if (this.asking === asking) this.box.removeAttribute("aria-busy");
  }

  show(document, { html, said, note, unread }) {
    this.note = note;
    if (unread) return this.unread(unread);
    this.told = document;
    Object.assign(this.part("unread"), { textContent: "", hidden: true });
    this.box.removeAttribute("data-old");
    this.part("told").innerHTML = html;
    const brief = this.part("told-briefly");
    if (brief.textContent !== said) brief.textContent = said;
  }

  /** The last answer stays, marked as old, and it is said why there is no newer one. */
  unread(why) {
    this.told = null;
    this.box.toggleAttribute("data-old", true);
    Object.assign(this.part("unread"), { textContent: why, hidden: false });
  }

  review(form) {
    form?.requestSubmit([...form.querySelectorAll(REVIEW)].find((button) => button.tabIndex >= 0));
  }
}
