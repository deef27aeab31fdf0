"use strict";
// Ages tick, the stream rests while nobody looks, a form is sent once. Everything else is HTML and htmx.

const chinese = document.documentElement.lang.startsWith("zh");
const WORDS = chinese
  ? { now: "刚刚", 60: " 分钟前", 3600: " 小时前", 86400: " 天前" }
  : { now: "just now", 60: " min ago", 3600: " h ago", 86400: " d ago" };

function words(seconds) {
  for (const size of [86400, 3600, 60]) {
    if (seconds >= size) return Math.floor(seconds / size) + WORDS[size];
  }
  return WORDS.now;
}

// The server's clock counts, not this machine's: an age is what the page said plus the time since then.
function tick() {
  for (const age of document.querySelectorAll("[data-age]")) {
    age.since ??= performance.now();
    age.textContent = words(Number(age.dataset.age) + (performance.now() - age.since) / 1000);
  }
}
setInterval(tick, 5000);
document.addEventListener("htmx:afterSwap", tick);
tick();

// A browser opens only a few connections to one host: hidden tabs give theirs back.
let source = null;
let fell = 0;
const strip = () => document.getElementById("offline");
htmx.createEventSource = (url) => {
  source = new EventSource(url);
  source.addEventListener("open", () => { clearTimeout(fell); strip().hidden = true; });
  source.addEventListener("error", () => {
    clearTimeout(fell);
    fell = setTimeout(() => { strip().hidden = document.hidden || source.readyState === EventSource.OPEN; }, 3000);
  });
  return source;
};
document.addEventListener("visibilitychange", () => {
  if (!source) return;
  if (document.hidden) source.close();
  else if (source.readyState === EventSource.CLOSED) source.dispatchEvent(new Event("error"));
});

// The server makes a second wish harmless; this spares the person the question whether the first one arrived.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  // A download leaves the page as it is.
  if (button && event.target.method === "post" && !("download" in event.target.dataset)) setTimeout(() => { button.disabled = true; }, 0);
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button:disabled")) button.disabled = false;
});

// Viewer: keys press the buttons that name them, the strip follows the page, a picture that fails gives way to words.
// A button speaks of the page that is shown, so a key that comes before the next page is there waits for it.
const KEYS = new Set(["ArrowLeft", "ArrowRight", "PageUp", "PageDown", "+", "=", "-", "0", "r", "l"]);
let turning = false;
const keys = [];
function press() {
  while (!turning && keys.length) {
    const button = document.querySelector(`#stage [aria-keyshortcuts~="${CSS.escape(keys.shift())}"]`);
    if (button) button.click();
  }
}
const ofStage = (event) => event.detail.target?.id === "stage";
document.addEventListener("htmx:beforeRequest", (event) => { if (ofStage(event)) turning = true; });
for (const end of ["htmx:afterSettle", "htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(end, (event) => { if (ofStage(event) || end === "htmx:afterSettle") { turning = false; press(); } });
}
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, select, textarea")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (!KEYS.has(key) || !document.getElementById("stage")) return;
  event.preventDefault();
  if (keys.length < 20) keys.push(key);
  press();
});
document.addEventListener("htmx:afterSwap", () => {
  const stage = document.getElementById("stage");
  if (!stage) return;
  for (const leaf of document.querySelectorAll(".leaves a")) {
    const here = leaf.dataset.page === stage.dataset.page;
    if (here) leaf.scrollIntoView({ block: "nearest", inline: "nearest" });
    leaf.toggleAttribute("aria-current", here);
  }
});
// What stands behind a picture is said in its stead: the style sheet shows it once the picture is hidden.
document.addEventListener("error", (event) => { if ("orElse" in (event.target.dataset ?? {})) event.target.hidden = true; }, true);
// A picture may have failed before this script was there.
for (const picture of document.querySelectorAll("img[data-or-else]")) if (picture.complete && !picture.naturalWidth) picture.hidden = true;
