/**
 * The form of a text for a number, in the page's language; pages/plurals.py makes the forms.
 *
 *   data-many='{"texts": ["%s row", "%s rows"], "at": "1011…"}'  →  plural(element.dataset.many, 3) === "3 rows"
 */
export function plural(forms, number) {
  const { texts, at } = JSON.parse(forms);
  return texts[Number(at[number < at.length ? number : 100 + (number % 100)])].replace("%s", number.toLocaleString(document.documentElement.lang));
}
