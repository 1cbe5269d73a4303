/**
 * What the editor offers while a policy is typed: the elements of a statement, actions, resources, operators, condition keys and values.
 * Where the cursor stands is found by reading the text before it; what fits there, the server says (policies/completion.py).
 */
const ELEMENTS = {
  "": ["Version", "Id", "Statement"],
  Statement: ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"],
  Principal: ["AWS", "Service", "Federated", "CanonicalUser"],
};
const WORDS = { Version: ["2012-10-17"], Effect: ["Allow", "Deny"] };
const PLACES = { Action: "action", NotAction: "action", Resource: "resource", NotResource: "resource", AWS: "principal", Service: "service" };
const known = new Map();

/** Where the end of a text stands: the keys around it, whether in a string, what of it is typed, and whether it is a key. */
export function placeAt(text) {
  const stack = [];
  let opened = -1;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    const top = stack.at(-1);
    if (opened >= 0) {
      if (character === "\\") at++;
      else if (character === '"') {
        if (top?.object && !top.valued) top.key = text.slice(opened + 1, at);
        opened = -1;
      }
    } else if (character === '"') opened = at;
    else if (character === "{" || character === "[") stack.push({ object: character === "{", key: null, valued: false });
    else if (character === "}" || character === "]") stack.pop();
    else if (character === ":" && top) top.valued = true;
    else if (character === "," && top?.object) Object.assign(top, { valued: false, key: null });
  }
  const top = stack.at(-1);
  const path = stack.filter((each) => each.object && each.valued).map((each) => each.key);
  return { path, inString: opened >= 0, typed: opened >= 0 ? text.slice(opened + 1) : "", isKey: Boolean(top?.object && !top.valued) };
}

/** The prefixes of the services whose actions a text names. */
export function servicesIn(text) {
  const found = [...text.matchAll(/"([a-z0-9-]+):[A-Za-z*?][A-Za-z0-9*?]*"/g)].map((match) => match[1]);
  return [...new Set(found)].filter((prefix) => prefix !== "aws").slice(0, 20);
}

/** All that fits what stands before the last colon: the rest is sifted here, letter by letter, without asking again. Of what there is in an
 * account there may be too much for that: it is searched for by what is typed. */
async function ask(frame, place, typed, services, condition = {}) {
  const text = ["principal", "resource", "value"].includes(place) ? typed : typed.slice(0, typed.lastIndexOf(":") + 1);
  const query = new URLSearchParams({ place, text, kind: frame.dataset.kind, services: services.join(), ...condition });
  const url = `${frame.dataset.complete}?${query}`;
  if (!known.has(url)) {
    const answer = await fetch(url, { redirect: "error" });
    if (!answer.ok) return [];
    known.set(url, (await answer.json()).found);
  }
  return known.get(url);
}

async function offers(frame, before, whole) {
  const { path, typed, isKey } = placeAt(before);
  const last = path.at(-1) ?? "";
  if (isKey && last === "Condition") return ask(frame, "operator", typed, []);
  if (isKey && path.at(-2) === "Condition") return ask(frame, "key", typed, servicesIn(whole));
  if (path.at(-3) === "Condition") return ask(frame, "value", typed, [], { operator: path.at(-2), key: last });
  if (isKey) return (ELEMENTS[last === "NotPrincipal" ? "Principal" : last] ?? []).map((value) => ({ value }));
  if (WORDS[last]) return WORDS[last].map((value) => ({ value }));
  return PLACES[last] ? ask(frame, PLACES[last], typed, servicesIn(whole)) : [];
}

/** Ace's completer for the editor with this frame. */
export const completer = (frame) => ({
  identifierRegexps: [/[^\s"[\]{},]/],
  triggerCharacters: ['"', ":", "/"],
  async getCompletions(editor, session, position, _prefix, answer) {
    const before = session.getTextRange({ start: { row: 0, column: 0 }, end: position });
    const { inString } = placeAt(before);
    try {
      const found = await offers(frame, before, session.getValue());
      const quoted = (value) => (inString ? value : JSON.stringify(value));
      answer(null, found.map(({ value, note, about }, number) => ({
        caption: value, value: quoted(value), meta: note || "", docText: about || "", score: number ? 100 : 101,
        ...(value.endsWith(":") ? { command: "startAutocomplete" } : {}),
      })));
    } catch {
      answer(null, []); // completion is an extra: without the server there is none
    }
  },
});
