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
