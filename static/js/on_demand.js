/** Modules that few pages need come as soon as there is something for them, also in what htmx brings. They look for it themselves. */
const NEEDED = [
  ["textarea[data-editor]", () => import("./editor.js")],
  ["form[data-draft]", () => import("./draft.js")],
  ["form[data-passkey]", () => import("./passkey.js")],
  ["textarea[data-tags]", () => import("./tags.js")],
  ["input[data-into]", () => import("./file_text.js")],
  ["[data-download]", () => import("./download.js")],
];
const look = (where) => NEEDED.forEach(([sign, load]) => where.querySelector?.(sign) && load());
look(document);
document.addEventListener("htmx:load", (event) => look(event.target));
