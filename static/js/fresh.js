/**
 * How long ago a list was read, since it came here: by this clock alone, so that a wrong one tells no lies. After five minutes the line
 * says that it may be old; to who comes back to the tab then, it is also said aloud.
 *
 *   <p data-fresh><span>Updated <time datetime="…" data-exact>29 Nov 14:02:11</time></span> <a href="…">Refresh</a> <span class="stale">May be old</span></p>
 */
import { ago } from "./time.js";

const STALE = 300; // seconds
const came = new WeakMap();

function tell() {
  for (const line of document.querySelectorAll("[data-fresh]")) {
    if (!came.has(line)) came.set(line, Date.now());
    const seconds = Math.max(1, Math.round((Date.now() - came.get(line)) / 1000));
    line.querySelector("time").textContent = ago(seconds);
    line.toggleAttribute("data-stale", seconds >= STALE);
  }
}

tell();
setInterval(tell, 5_000);
document.addEventListener("htmx:load", tell);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  tell();
  const [stale, announcer] = [document.querySelector("[data-fresh][data-stale]"), document.getElementById("announcer")];
  if (stale && announcer) announcer.textContent = `${stale.querySelector("span").textContent}. ${stale.querySelector(".stale").textContent}`;
});
