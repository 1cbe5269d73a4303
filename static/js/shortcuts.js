/**
 * Keys of the whole console. Single letters are off with data-keys="off" on the html element (WCAG 2.1.4).
 *
 *   <input data-shortcut="mod+k">   Ctrl or ⌘ with the key focuses it
 *   <input data-key="/"> <a data-key="n">   the letter focuses a field or presses a button
 *   <a data-go="u">   g, then the letter, goes there;   [ and ] walk the tabs;   ? opens #keys
 */
let going = 0;
const typing = (element) => element.matches?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");
const use = (element) => (element?.matches("input, textarea") ? (element.focus(), element.select()) : element?.click());

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
    const found = document.querySelector(`[data-shortcut="mod+${CSS.escape(event.key.toLowerCase())}"]`);
    if (found) (event.preventDefault(), use(found));
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.documentElement.dataset.keys === "off") return;
  if (document.querySelector("dialog[open]")) return;
  const key = event.key;
  let found;
  if (going > Date.now() - 1200) found = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  else if (key === "g") return void (going = Date.now());
  else if (key === "?") found = document.querySelector('a[href="#keys"]') ?? null;
  else if (key === "[" || key === "]") {
    const tabs = [...document.querySelectorAll(".tabs a")];
    const at = tabs.findIndex((tab) => tab.ariaCurrent === "page");
    found = at < 0 ? null : tabs[at + (key === "]" ? 1 : -1)];
  } else found = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  going = 0;
  if (found) (event.preventDefault(), use(found));
});
