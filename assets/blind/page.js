"use strict";
const { sheet, ratings, pairs } = JSON.parse(document.getElementById("data").textContent);

/** A group of radio buttons. */
function choice(name, label, options) {
  const group = document.createElement("div");
  group.className = "choice";
  group.setAttribute("role", "radiogroup");
  group.setAttribute("aria-label", label);
  for (const [value, words] of options) {
    const line = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: "radio", name, value });
    line.append(input, " " + words);
    group.append(line);
  }
  return group;
}

/** One side of a pair: the text, as text, and its rating. */
function side(number, which, title, text) {
  const column = document.createElement("div");
  const heading = Object.assign(document.createElement("h2"), { textContent: title });
  const words = Object.assign(document.createElement("p"), { className: "text", textContent: text });
  words.setAttribute("translate", "no");
  column.append(heading, words, choice(`${which}-${number}`, `${title}: how good is it?`, ratings));
  return column;
}

for (const { number, left, right } of pairs) {
  const box = document.createElement("fieldset");
  const legend = Object.assign(document.createElement("legend"), { textContent: `${number} of ${pairs.length}` });
  const texts = Object.assign(document.createElement("div"), { className: "texts" });
  texts.append(side(number, "left", "Left", left), side(number, "right", "Right", right));
  const better = choice(`better-${number}`, "Which reads better?",
    [["left", "left is better"], ["right", "right is better"], ["same", "no difference"]]);
  box.append(legend, texts, better);
  document.getElementById("pairs").append(box);
}

const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`)?.value;

document.getElementById("save").addEventListener("click", () => {
  const answers = [];
  for (const { number } of pairs) {
    const [better, left, right] = ["better", "left", "right"].map((what) => chosen(`${what}-${number}`));
    if (better && left && right) answers.push({ pair: number, better, left: Number(left), right: Number(right) });
  }
  const reader = document.getElementById("reader").value.trim() || "reader";
  const file = new Blob([JSON.stringify({ sheet, reader, answers }, null, 1)], { type: "application/json" });
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: `${sheet}.json` });
  link.click();
  document.getElementById("told").textContent = `${answers.length} of ${pairs.length} pairs are answered in full.`;
});
