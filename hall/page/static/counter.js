// Cards that can be put on the reader, codes that can be shown to the scanner. Uses `make`, `send`, `at` of world.js.
"use strict";

at("cards").addEventListener("click", (event) => {
  const card = event.target.closest("button");
  if (card) send({ do: "card", person: card.dataset.person, on: card.getAttribute("aria-pressed") !== "true" });
});
at("scanner").addEventListener("submit", (event) => {
  event.preventDefault();
  const code = at("code").value;
  if (code) send({ do: "scan", text: code });
});

function cardNode(reader, [person, { name, number }]) {
  const node = make("button", { type: "button", class: "id-card", "aria-pressed": String(reader.card === person) }, name, make("small", {}, number));
  node.dataset.person = person;
  return node;
}
function codeNode(sms) {
  const node = button("短信里的二维码", sms.head, { do: "scan" });
  node.type = "button";
  node.dataset.text = sms.qr;
  return node;
}

window.showCounter = (picture) => {
  const { id_reader: reader, barcode_reader: scanner } = picture;
  at("counter").hidden = !reader?.plugged && !scanner?.plugged;
  if (reader) {
    draw("cards", [reader.card, reader.persons], () => Object.entries(reader.persons).map((each) => cardNode(reader, each)));
    for (const each of at("card-faults").children) each.setAttribute("aria-pressed", String(each.dataset.fault === reader.fault));
  }
  at("scanner").dataset.looking = Boolean(scanner?.looking);
  const coded = picture.sms.filter((sms) => sms.qr);
  draw("codes", coded, () => coded.map(codeNode));
};
// The first picture may have come before this file.
if (window.lastPicture) window.showCounter(window.lastPicture);
