/**
 * Appearance: a choice in the user menu shows at once and is kept by the server in the background; the browser's time zone is told
 * by a cookie, so that the server writes times in it.
 *
 *   <form method="post" action="/preferences/" data-appearance><input type="radio" name="theme" value="dark"> …</form>
 *   <form method="post" action="/preferences/" data-appearance><input type="hidden" name="theme" value="dark"><button>…</form>   at once, too
 */
const root = document.documentElement;

const keep = (form) => {
  const body = new FormData(form);
  body.delete("next");
  return fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
};

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-appearance]");
  if (!form) return;
  root.dataset[event.target.name] = event.target.value;
  keep(form);
});
document.addEventListener("submit", (event) => {
  const chosen = event.target.matches("form[data-appearance]") && event.submitter?.closest(".suggestions, .results");
  if (!chosen) return;
  event.preventDefault();
  for (const [name, value] of new FormData(event.target)) {
    if (!["theme", "contrast", "density", "keys"].includes(name)) continue;
    root.dataset[name] = value;
    document.querySelectorAll(`.who input[name="${name}"]`).forEach((input) => (input.checked = input.value === value));
  }
  keep(event.target);
  const announcer = document.getElementById("announcer");
  if (announcer) announcer.textContent = event.submitter.textContent.trim();
  const list = event.target.closest(".suggestions");
  const input = list?.closest("search")?.querySelector("input[name=q]");
  if (input) input.value = "";
  list?.replaceChildren();
}, true);

// Buttons that only serve readers without JavaScript.
const hide = (where) => where.querySelectorAll?.("[data-without-script]").forEach((button) => (button.hidden = true));
hide(document);
document.addEventListener("htmx:load", (event) => hide(event.target));

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`zone=${zone}`)) document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;
