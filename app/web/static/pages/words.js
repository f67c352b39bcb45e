/** The sentences that scripts say, in the reader's language: the page brings them along. */

/** @type {Record<string, string>} */
const WORDS = JSON.parse(document.body.dataset.words ?? "{}");

/**
 * @param {string} name
 * @param {number} [number] what stands for `%(number)s`; 1 has a sentence of its own, if there is
 * @returns {string}
 */
export function words(name, number) {
  const sentence = (number === 1 && WORDS[`${name}_one`]) || WORDS[name] || "";
  return sentence.replace("%(number)s", String(number));
}
