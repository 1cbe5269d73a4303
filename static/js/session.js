/**
 * Warns two minutes before a session ends, and keeps it when that is wished (WCAG 2.2.1 «Timing Adjustable»): the sign-in's, and a role's.
 *
 *   <dialog><div data-session-end="3600" data-address="/session/" data-ended="You are signed out">… <form action="…" data-stay></div></dialog>
 *
 * The server is asked before anybody is warned, as another tab may have been in use; asking is no use of the session. Closing the warning in
 * any way keeps the session, unless it is final (data-final): then its end is told too, and [data-stay], where there is one, renews it. The
 * page itself is never left: what was typed stays, also when the session has ended.
 */
import { open } from "./dialog.js";

const WARNING = 120; // seconds
const AGAIN = 10; // seconds between two questions while the warning is open
const SAID_AT = [60, 30, 10]; // seconds that are said aloud

const words = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "second", unitDisplay: "long" });

function watch(dialog, state) {
  const heading = dialog.querySelector("h2");
  const title = heading.textContent;
  const form = dialog.querySelector("[data-stay]");
  const refused = dialog.querySelector("[data-refused]");
  let endsAt = 0;
  let isFinal = false;
  let timer = 0;
  let ticking = 0;
  let isEnded = false;

  const left = () => Math.max(0, Math.round((endsAt - Date.now()) / 1000));

  function take({ seconds, final }) {
    endsAt = Date.now() + seconds * 1000;
    isFinal = final;
  }

  async function ask() {
    const answer = await fetch(state.dataset.address, { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    take(await answer.json());
  }

  function plan() {
    clearTimeout(timer);
    timer = setTimeout(look, Math.max(0, left() - WARNING) * 1000);
  }

  /** Ask, and then warn, wait or say that it is over. */
  async function look() {
    try {
      await ask();
    } catch {
      // The network is away: what was known last counts.
    }
    if (left() > WARNING) return rest();
    if (left() === 0) return end();
    warn();
  }

  function show(what) {
    for (const part of dialog.querySelectorAll("[data-while]")) part.hidden = !part.dataset.while.split(" ").includes(what);
  }

  /** The main button of what is shown: Enter keeps the session. */
  function focusMain() {
    [...dialog.querySelectorAll(".button.primary")].find((button) => button.getClientRects().length)?.focus();
  }

  function say(text) {
    dialog.querySelector("[data-said]").textContent = text; // inside of the dialog: what lies behind a modal one is not read out
  }

  function refuse(text) {
    if (!refused) return;
    refused.textContent = text;
    refused.hidden = !text;
  }

  function warn() {
    if (isEnded) return;
    if (!dialog.open) {
      show(isFinal ? "final" : "open");
      tick();
      open(dialog);
      focusMain();
      say(words.format(left()));
    }
    clearInterval(ticking);
    ticking = setInterval(tick, 1000);
  }

  function tick() {
    const seconds = left();
    dialog.querySelector("[data-left]").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (SAID_AT.includes(seconds)) say(words.format(seconds));
    if (seconds === 0 || seconds % AGAIN === 0) look();
  }

  /** The session goes on: nothing is shown, and the next warning is planned. */
  function rest() {
    clearInterval(ticking);
    isEnded = false;
    if (dialog.open) {
      dialog.dataset.kept = "";
      dialog.close();
    }
    for (const time of document.querySelectorAll(state.dataset.shown ?? ":not(*)")) {
      time.dateTime = new Date(endsAt).toISOString();
      time.dispatchEvent(new Event("moved", { bubbles: true }));
    }
    plan();
  }

  function end() {
    clearInterval(ticking);
    if (isEnded) return;
    isEnded = true;
    heading.textContent = state.dataset.ended;
    show("ended");
    if (!dialog.open) open(dialog);
    focusMain();
    say(heading.textContent);
  }

  async function stay() {
    refuse("");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), cache: "no-store", redirect: "error" });
      const said = await answer.json();
      if (!answer.ok) return refuse(said.refused ?? "");
      take(said);
    } catch {
      refuse(state.dataset.failed); // told apart below: a session that could not be kept is asked about once more
    }
    look();
  }

  dialog.setAttribute("role", "alertdialog");
  take({ seconds: Number(state.dataset.sessionEnd), final: "final" in state.dataset });
  plan();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isFinal || isEnded) stay();
    else dialog.close();
  });
  dialog.addEventListener("close", () => {
    clearInterval(ticking);
    refuse("");
    const isKept = "kept" in dialog.dataset;
    delete dialog.dataset.kept;
    if (isEnded || isKept) {
      heading.textContent = title;
      return;
    }
    if (isFinal) timer = setTimeout(look, left() * 1000); // it has been told; the end will be
    else stay();
  });
  // A machine that slept, or a tab that was away while another one was in use or signed in anew.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && (isEnded || left() <= WARNING)) look();
  });
}

for (const state of document.querySelectorAll("dialog [data-session-end]")) watch(state.closest("dialog"), state);
