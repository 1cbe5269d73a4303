/**
 * Keeps relative times young: the text of a recent moment is brought up to date each minute, in the page's language.
 *
 *   <time datetime="2026-11-23T14:02:11+00:00" title="…">12 minutes ago</time>
 */
const steps = [["day", 86400], ["hour", 3600], ["minute", 60]];
const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
const short = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always", style: "short" });

/** So many seconds ago, in few letters: 12 sec. ago. */
export function ago(seconds) {
  const [unit, size] = steps.find(([, each]) => seconds >= each) ?? ["second", 1];
  return short.format(-Math.floor(seconds / size), unit);
}

function write(element) {
  const seconds = (Date.parse(element.dateTime) - Date.now()) / 1000;
  const step = steps.find(([, size]) => Math.abs(seconds) >= size);
  if (step && Math.abs(seconds) < 59 * 86400) element.textContent = words.format(Math.round(seconds / step[1]), step[0]);
}

setInterval(() => document.querySelectorAll("time[datetime]:not([data-exact])").forEach(write), 60_000);
document.addEventListener("moved", ({ target }) => write(target)); // a moment that is another now
