// What the pages gain with JavaScript: an on-screen keypad, a countdown that counts, one submit per tap, and a sign of
// life while somebody types. Every flow works without this file.
"use strict";

document.documentElement.classList.add("js");

// A wall-mounted screen has no use for these, and a child's hand finds them all.
for (const name of ["contextmenu", "dragstart"]) document.addEventListener(name, (event) => event.preventDefault());

let field = null;
document.addEventListener("focusin", (event) => { if (event.target.matches("input[data-keys]")) choose(event.target); });

function choose(input) {
  field = input;
  for (const pad of document.querySelectorAll(".keypad")) pad.hidden = pad.dataset.keys !== input.dataset.keys;
}

function type(key) {
  if (!field) return;
  if (key === "back") field.value = field.value.slice(0, -1);
  else if (key === "clear") field.value = "";
  else if (field.value.length < field.maxLength) field.value += key;
  field.focus({ preventScroll: true });
}

function count(button) {
  const input = button.parentElement.querySelector("input");
  input.value = Math.min(99, Math.max(1, (parseInt(input.value, 10) || 1) + Number(button.dataset.step)));
}

document.addEventListener("click", (event) => {
  const key = event.target.closest(".keypad [data-key]");
  if (key) type(key.dataset.key);
  const step = event.target.closest("[data-step]");
  if (step) count(step);
  alive();
});
document.addEventListener("keydown", () => alive());

document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-alive]")) { event.preventDefault(); stay(overlay()); return; }
  const button = event.submitter;
  // Only after the browser has taken the form's data may the buttons be switched off.
  setTimeout(() => { for (const each of document.querySelectorAll("button")) each.disabled = true; if (button) button.setAttribute("aria-busy", "true"); }, 0);
});

// A finger on the screen is a person in front of it: tell the station, at most every five seconds.
const overlay = () => document.querySelector(".countdown");
let told = 0;
let until = 0;

function alive() {
  const shown = overlay();
  if (!shown || !shown.hidden || Date.now() - told < 5000) return;
  stay(shown);
}

function stay(shown) {
  const form = shown.querySelector("form");
  told = Date.now();
  until = Date.now() + 1000 * Number(shown.dataset.idle);
  shown.hidden = true;
  fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" }).catch(() => { told = 0; });
}

function prepare() {
  const shown = overlay();
  until = shown ? Date.now() + 1000 * Number(shown.dataset.left) : 0;
  field = null;
  const first = document.querySelector("input[autofocus]") || document.querySelector("input[data-keys]");
  if (first) { choose(first); first.focus({ preventScroll: true }); }
}

setInterval(() => {
  const shown = overlay();
  if (!shown || !until) return;
  const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
  shown.querySelector("[data-seconds]").textContent = String(left);
  shown.hidden = left > Number(shown.dataset.show);
}, 200);

document.addEventListener("htmx:afterSettle", prepare);
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.replace("/"); else prepare(); });

// The mat, live: one picture after the other, each asked for when the one before has come.
async function watch(mat) {
  const picture = mat.querySelector("[data-picture]"), outlines = mat.querySelector("[data-outlines]"), hint = mat.querySelector("[data-hints]");
  const words = JSON.parse(hint.dataset.hints);
  let number = 0;
  while (mat.isConnected) {
    let answer = null;
    try { answer = await fetch(`${mat.dataset.live}?after=${number}`, { cache: "no-store" }); } catch { answer = null; }
    if (!mat.isConnected) return;
    if (!answer || answer.status !== 200) {
      if (answer && answer.status === 204) hint.textContent = words.failed;
      await new Promise((done) => setTimeout(done, 1000));
      continue;
    }
    number = Number(answer.headers.get("nightdesk-number"));
    const said = answer.headers.get("nightdesk-hint");
    if (hint.dataset.said !== said) { hint.dataset.said = said; hint.textContent = words[said] || ""; }
    const old = picture.src;
    picture.src = URL.createObjectURL(await answer.blob());
    if (old.startsWith("blob:")) URL.revokeObjectURL(old);
    draw(outlines, JSON.parse(answer.headers.get("nightdesk-outlines")));
  }
}

function draw(svg, outlines) {
  svg.replaceChildren(...outlines.map((corners) => {
    const shape = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
    shape.setAttribute("points", corners.map((each) => each.join(",")).join(" "));
    return shape;
  }));
}

function watchAll() {
  // The page captured last is the one somebody wants to see.
  for (const strip of document.querySelectorAll("ol.pages")) strip.scrollLeft = strip.scrollWidth;
  for (const mat of document.querySelectorAll("[data-live]")) {
    if (mat.dataset.watched) continue;
    mat.dataset.watched = "yes";
    watch(mat);
  }
}
document.addEventListener("htmx:afterSettle", watchAll);
window.addEventListener("pageshow", watchAll);
