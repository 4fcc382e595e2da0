/* A body is plain text, or HTML as soon as it has a tag that e-mails use: the engine tells them apart like this. */

import { h } from "./dom.js";

const NAMES = "html|body|p|br|div|span|a|b|i|u|em|strong|ul|ol|li|h[1-6]|table|tr|td|img|hr|blockquote|font|center|pre";
const TAG = new RegExp(`</?(?:${NAMES})(?:\\s[^<>]*|\\s*/)?>`, "i");

export const isHtml = (body) => TAG.test(body);

const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** Paragraphs at empty lines, a break at each other one; markers stay as they are. */
export function toHtml(text) {
  const paragraphs = text
    .trim()
    .split(/\n\s*\n/)
    .filter((each) => each.trim());
  return (
    paragraphs.map((each) => `<p>${each.split("\n").map(lineToHtml).join("<br>\n")}</p>`).join("\n\n") || "<p></p>"
  );
}

function lineToHtml(line) {
  return line
    .split(/(\{\{.*?\}\}|\{%.*?%\})/)
    .map((piece, index) => (index % 2 ? piece : escaped(piece)))
    .join("");
}

/** Only its text. Parsed by the browser as a document that nothing in it can run in or load from. */
export function toText(html) {
  const marked = html
    .replace(/\s*\n\s*/g, " ")
    .replace(/<br\s*\/?>/gi, "\n")
    .replace(/<\/(p|div|h[1-6]|ul|ol|table|blockquote)>/gi, "\n\n")
    .replace(/<\/(li|tr)>/gi, "\n")
    .replace(/<li(\s[^>]*)?>/gi, "- ");
  const text = new DOMParser().parseFromString(marked, "text/html").body.textContent;
  return text
    .split("\n")
    .map((line) => line.trim())
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** Whether more than paragraphs and breaks would be lost in plain text. */
export function hasFormatting(html) {
  return /<(?!\/?(p|br)\s*\/?>)\/?[a-z]/i.test(html);
}

export const sandboxed = (html, title) => h("iframe", { sandbox: "", title, srcdoc: html });
