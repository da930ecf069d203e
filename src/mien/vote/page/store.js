// What outlives the page. A browser may refuse to store (private windows, a full disk): then
// the page goes on with what it has in memory.

function tried(act, otherwise) {
  try {
    return act();
  } catch {
    return otherwise;
  }
}

/** Return the stored text, or null. */
export const read = (name) => tried(() => localStorage.getItem(name), null);

export const write = (name, text) => tried(() => localStorage.setItem(name, text));

export const remove = (name) => tried(() => localStorage.removeItem(name));

/** Return all stored names that start so. */
export const names = (prefix) =>
  tried(() => Object.keys(localStorage).filter((name) => name.startsWith(prefix)), []);

/**
 * Return 53 bits of a hash (cyrb53, by bryc, public domain) as text. It names a voter's part of
 * the store without the token; crypto.subtle does not exist on a page that came over plain http.
 */
export function fingerprint(text) {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (const character of text) {
    const code = character.codePointAt(0);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36);
}
