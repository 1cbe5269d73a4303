/**
 * Puts actions, a resource and a condition into a policy document as text: what stands there stays letter by letter, and what comes is indented as
 * the document is. Knows nothing of the page.
 */

/** A JSON text as nodes with the places where they begin and end. Raises { at } where it is none. */
export function parsed(text) {
  let at = 0;
  const fail = () => {
    throw Object.assign(new SyntaxError("no JSON"), { at });
  };
  const space = () => {
    while (/\s/.test(text[at] ?? "")) at++;
  };
  const string = () => {
    const start = at++;
    while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
    if (at >= text.length) fail();
    at++;
    try {
      return { type: "string", start, end: at, value: JSON.parse(text.slice(start, at)) };
    } catch {
      at = start;
      return fail();
    }
  };
  const list = (close, one) => {
    const start = at++;
    const parts = [];
    space();
    if (text[at] === close) return { start, end: ++at, parts };
    for (;;) {
      parts.push(one());
      space();
      if (text[at] === close) return { start, end: ++at, parts };
      if (text[at] !== ",") fail();
      at++;
      space();
    }
  };
  const member = () => {
    if (text[at] !== '"') fail();
    const key = string();
    space();
    if (text[at] !== ":") fail();
    at++;
    return { key: key.value, start: key.start, value: value() };
  };
  const value = () => {
    space();
    if (text[at] === "{") return { type: "object", ...list("}", member) };
    if (text[at] === "[") return { type: "array", ...list("]", value) };
    if (text[at] === '"') return string();
    const word = /^(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/.exec(text.slice(at, at + 40))?.[0];
    if (!word) fail();
    at += word.length;
    return { type: "other", start: at - word.length, end: at };
  };
  const root = value();
  space();
  if (at < text.length) fail();
  return root;
}

const isObject = (node) => node?.type === "object";
const member = (node, key) => node.parts.find((each) => each.key === key)?.value;
const lineOf = (text, at) => text.slice(0, at).split("\n").length;
const problem = (name, more = {}) => ({ problem: name, ...more });

/** The statements of a text: `[{ number, sid, line, start, end, isEmpty }]`; null where it is no JSON or no policy. */
export function statementsIn(text) {
  try {
    return nodesOf(parsed(text))?.map((node, number) => ({
      number, sid: member(node, "Sid")?.value ?? "", line: lineOf(text, node.start), start: node.start, end: node.end,
      isEmpty: member(node, "Action")?.type === "array" && !member(node, "Action").parts.length,
    })) ?? null;
  } catch {
    return null;
  }
}

function nodesOf(root) {
  const found = isObject(root) && member(root, "Statement");
  if (!isObject(root)) return null;
  if (!found) return [];
  const nodes = found.type === "array" ? found.parts : [found];
  return nodes.every(isObject) ? nodes : null;
}

/** How a document is written: over lines or in one, and by what it is indented. */
class Style {
  constructor(text) {
    this.text = text;
    this.isTall = !text.trim() || text.trim().includes("\n");
    this.step = /\n([ \t]+)\S/.exec(text)?.[1] ?? "    ";
    this.colon = /":\S/.test(text) && !/": /.test(text) ? ":" : ": ";
    this.comma = /["}\]],\S/.test(text) && !/["}\]], /.test(text) ? "," : ", ";
  }

  /** What the line of a place begins with. */
  indent(at) {
    return /^[ \t]*/.exec(this.text.slice(this.text.lastIndexOf("\n", at - 1) + 1))[0];
  }

  /** Whether the parts of a list stand on lines of their own; of an empty one, whether they would. */
  isSpread(node) {
    return node.parts.length ? this.text.slice(node.start, node.parts[0].start).includes("\n") : this.isTall;
  }

  write(value, indent) {
    if (typeof value !== "object") return JSON.stringify(value);
    const isList = Array.isArray(value);
    const parts = isList ? value.map((each) => this.write(each, indent + this.step)) : Object.entries(value).map(([key, each]) => JSON.stringify(key) + this.colon + this.write(each, indent + this.step));
    const [open, close] = isList ? "[]" : "{}";
    if (!this.isTall) return open + parts.join(this.comma) + close;
    return `${open}\n${parts.map((part) => indent + this.step + part).join(",\n")}\n${indent}${close}`;
  }

  /** The edit that puts values, or [key, value] members, at the end of a list. */
  append(node, parts) {
    const spread = this.isSpread(node);
    const last = node.parts.at(-1);
    const indent = last && spread ? this.indent(last.start) : this.indent(node.start) + this.step;
    const write = (part) => (node.type === "object" ? JSON.stringify(part[0]) + this.colon + this.write(part[1], indent) : this.write(part, indent));
    const written = parts.map(write);
    if (last) {
      const end = last.value?.end ?? last.end;
      return [end, end, written.map((each) => (spread ? `,\n${indent}` : this.comma) + each).join("")];
    }
    const inside = spread ? `\n${written.map((each) => indent + each).join(",\n")}\n${this.indent(node.start)}` : written.join(this.comma);
    return [node.start + 1, node.end - 1, inside];
  }

  /** The edit that makes a list of a single value, with more behind it. */
  listed(node, more) {
    const indent = this.indent(node.start);
    const old = this.text.slice(node.start, node.end);
    const rest = more.map((each) => this.write(each, indent + this.step));
    if (!this.isTall) return [node.start, node.end, `[${[old, ...rest].join(this.comma)}]`];
    return [node.start, node.end, `[\n${[old, ...rest].map((each) => indent + this.step + each).join(",\n")}\n${indent}]`];
  }
}

const asStrings = (node) => (node.type === "array" ? node.parts : [node]).filter((each) => each.type === "string").map((each) => each.value.toLowerCase());

/** Values that come to a member of a statement: its edits, or what keeps it from being added (`fresh` members are added together). */
function joined(style, node, key, values, edits, fresh) {
  const old = member(node, key);
  if (!old) return fresh.push([key, values.length === 1 && key !== "Action" ? values[0] : values]);
  const there = asStrings(old);
  const more = there.includes("*") ? [] : values.filter((value) => !there.includes(value.toLowerCase()));
  if (more.length) edits.push(old.type === "array" ? style.append(old, more) : style.listed(old, more));
  return more.length;
}

function conditioned(style, node, { operator, key, value }, edits, fresh) {
  const all = member(node, "Condition");
  if (!all) return fresh.push(["Condition", { [operator]: { [key]: value } }]);
  const keys = isObject(all) && member(all, operator);
  if (!isObject(keys)) return edits.push(style.append(all, [[operator, { [key]: value }]]));
  const old = keys.parts.find((each) => each.key.toLowerCase() === key.toLowerCase());
  if (!old) return edits.push(style.append(keys, [[key, value]]));
  if (asStrings(old.value).includes(value.toLowerCase())) return 0;
  return edits.push(old.value.type === "array" ? style.append(old.value, [value]) : style.listed(old.value, [value]));
}

/**
 * The one edit that inserts a choice: `{ actions, resource, condition, effect, into }`, where `into` is the number of a statement or null for a
 * new one. Answers `{ start, end, text, number }`, or `{ problem, line }`: notJson, odd, notAction, notResource, there.
 */
export function insertion(text, { actions, resource, condition = null, effect = "Allow", into = null }) {
  const style = new Style(text);
  const made = {
    Effect: effect, Action: actions, Resource: resource,
    ...(condition ? { Condition: { [condition.operator]: { [condition.key]: condition.value } } } : {}),
  };
  if (!text.trim()) return { start: 0, end: text.length, text: `${style.write({ Version: "2012-10-17", Statement: [made] }, "")}\n`, number: 0 };
  let root;
  try {
    root = parsed(text);
  } catch (error) {
    if (error.at === undefined) throw error;
    return problem("notJson", { line: lineOf(text, error.at) });
  }
  const nodes = nodesOf(root);
  if (!nodes) return problem("odd");
  if (into === null || !nodes[into]) return { ...whole(text, [created(style, root, made)]), number: nodes.length };
  const node = nodes[into];
  if (member(node, "NotAction")) return problem("notAction");
  if (member(node, "NotResource")) return problem("notResource");
  const edits = [];
  const fresh = [];
  joined(style, node, "Action", actions, edits, fresh);
  joined(style, node, "Resource", [resource], edits, fresh);
  if (condition) conditioned(style, node, condition, edits, fresh);
  if (fresh.length) edits.push(style.append(node, fresh));
  return edits.length ? { ...whole(text, edits), number: into } : problem("there");
}

function created(style, root, made) {
  const all = member(root, "Statement");
  if (!all) return style.append(root, [["Statement", [made]]]);
  return all.type === "array" ? style.append(all, [made]) : style.listed(all, [made]);
}

/** Several edits as one, from the first place to the last. */
function whole(text, edits) {
  const inOrder = [...edits].sort((one, other) => one[0] - other[0]);
  const start = inOrder[0][0];
  let at = start;
  let written = "";
  for (const [from, to, part] of inOrder) {
    written += text.slice(at, from) + part;
    at = to;
  }
  return { start, end: at, text: written };
}
