/**
 * Appearance: a choice in the user menu shows at once and is kept by the server in the background; the browser's time zone is told
 * by a cookie, so that the server writes times in it.
 *
 *   <form method="post" action="/preferences/" data-appearance><input type="radio" name="theme" value="dark"> …</form>
 */
const root = document.documentElement;

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-appearance]");
  if (!form) return;
  root.dataset[event.target.name] = event.target.value;
  const body = new FormData(form);
  body.delete("next");
  fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
});

// Buttons that only serve readers without JavaScript.
const hide = (where) => where.querySelectorAll?.("[data-without-script]").forEach((button) => (button.hidden = true));
hide(document);
document.addEventListener("htmx:load", (event) => hide(event.target));

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`zone=${zone}`)) document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;
